/// An extent of a tensor, or a number calculated from extents, as far as the graph tells.
enum Extent: Hashable {
    /// This number, for every request.
    case known(Int)
    /// The number of rows of the request times `outer` times `inner`; in memory `outer` lies outside of the rows, `inner`
    /// inside.
    case rows(outer: Int, inner: Int)
    /// Some extent, at least 0.
    case varying
    /// Nothing is known.
    case unknown

    /// The number of rows.
    static let rows = Extent.rows(outer: 1, inner: 1)

    /// The number, where it is the same for every request.
    var number: Int? {
        if case .known(let number) = self { number } else { nil }
    }

    /// Whether it is a number of rows, times something or not.
    var hasRows: Bool {
        if case .rows = self { true } else { false }
    }

    /// Its factor besides the number of rows; nil where that is not known.
    var factor: Int? {
        switch self {
        case .known(let number): number
        case .rows(let outer, let inner): Self.product(outer, inner)
        default: nil
        }
    }

    /// The product; nil where it is out of range.
    static func product(_ one: Int, _ other: Int) -> Int? {
        let (result, overflow) = one.multipliedReportingOverflow(by: other)
        return overflow ? nil : result
    }

    /// The product of two numbers; two numbers of rows are no longer followed.
    static func * (one: Extent, other: Extent) -> Extent {
        switch (one, other) {
        case (.known(let left), .known(let right)): return product(left, right).map(Extent.known) ?? .unknown
        case (.known(let factor), .rows(let outer, let inner)) where factor > 0:
            return product(factor, outer).map { .rows(outer: $0, inner: inner) } ?? .unknown
        case (.rows(let outer, let inner), .known(let factor)) where factor > 0:
            return product(inner, factor).map { .rows(outer: outer, inner: $0) } ?? .unknown
        default: return .unknown
        }
    }

    /// The extent of what two extents are broadcast to.
    static func broadcast(_ one: Extent, _ other: Extent) -> Extent {
        if one == other || other == .known(1) { return one }
        return one == .known(1) ? other : .unknown
    }
}

/// What is known of one value: its shape, and its elements where they are a few numbers.
struct ShapeFact: Hashable {
    /// Its extents; nil where not even their number is known.
    var extents: [Extent]?
    /// Its elements where it is a scalar or a vector of integers or truth values; nil where they are not known.
    var elements: [Extent]?

    /// Nothing is known.
    static let unknown = ShapeFact(extents: nil, elements: nil)

    /// A value of which the shape alone is known.
    init(_ extents: [Extent]?) {
        self.extents = extents
    }

    /// A vector, or a scalar of one element.
    init(elements: [Extent], isScalar: Bool = false) {
        extents = isScalar ? [] : [.known(elements.count)]
        self.elements = elements
    }

    private init(extents: [Extent]?, elements: [Extent]?) {
        (self.extents, self.elements) = (extents, elements)
    }

    /// Whether it is one number in no dimension.
    var isScalar: Bool { extents?.isEmpty ?? false }
}
