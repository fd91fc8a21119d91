/// The shape that a `Reshape` gives, and how it is written with constants.
///
/// `Operators.md`, `Reshape`: a zero copies the input's extent (without `allowzero`), and one -1 is inferred from the number of
/// elements. So where all extents but one are constants, -1 stands for that one, whatever calculated it. Where all are constants
/// in a file with a fixed number of rows, any of them may be -1: it is the one that the rows went to, as far as that can be told, so
/// that the file says what one with any number of rows says.
struct ReshapeTarget {
    /// The extents of the result.
    let extents: [Extent]
    /// The constants that say so; nil where constants cannot.
    let constants: [Int]?

    /// Follows `node`; nil where nothing is known of the target.
    init?(of node: Onnx_NodeProto, in flow: ShapeFlow) {
        guard node.input.count == 2, let target = flow.fact(node.input[1]).elements else { return nil }
        let input = flow.fact(node.input[0]).extents
        let copies = node.integer("allowzero", or: 0) == 0
        var extents = target.enumerated().map { place, extent in
            guard extent == .known(0), copies else { return extent }
            return input.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? .unknown
        }
        Self.infer(&extents, from: input)
        let open = extents.indices.filter { extents[$0].number.map { $0 < 1 } ?? true }
        guard open.count <= 1 else {
            self.extents = extents.map { $0.number.map { $0 < 0 } ?? false ? .varying : $0 }
            constants = nil
            return
        }
        let place = open.first ?? Self.placeOfRows(in: extents.compactMap(\.number), input, flow.rows)
        let isEmpty = open.first.map { extents[$0] == .known(0) } ?? false
        if let place, !isEmpty {
            let others = extents.enumerated().filter { $0.offset != place }.compactMap(\.element.number)
            extents[place] = Self.rest(of: input, others: others, before: place, rows: flow.rows) ?? .varying
        }
        self.extents = extents
        constants = isEmpty ? nil : extents.indices.map { $0 == place ? -1 : extents[$0].number ?? -1 }
    }

    /// Puts the number for which -1 stands, where no rows are in it.
    private static func infer(_ extents: inout [Extent], from input: [Extent]?) {
        let open = extents.indices.filter { extents[$0] == .known(-1) }
        guard open.count == 1, let input, let total = product(input.map(\.factor)) else { return }
        let others = extents.indices.filter { $0 != open[0] }.map { extents[$0] }
        guard let divisor = product(others.map(\.factor)), divisor > 0, total % divisor == 0,
            input.count(where: \.hasRows) == others.count(where: \.hasRows)
        else { return }
        extents[open[0]] = .known(total / divisor)
    }

    private static func product(_ factors: [Int?]) -> Int? {
        factors.reduce(1) { sum, factor in
            guard let sum, let factor, factor >= 0 else { return nil }
            return Extent.product(sum, factor)
        }
    }

    /// How many elements lie outside of the rows of `input`, and how many in each row's part; nil where there are no rows.
    private static func around(_ input: [Extent]?) -> (outside: Int, all: Int)? {
        guard let input, input.count(where: \.hasRows) == 1, let place = input.firstIndex(where: \.hasRows),
            case .rows(let outer, _) = input[place], let before = product(input[..<place].map(\.factor)),
            let outside = Extent.product(before, outer), let all = product(input.map(\.factor))
        else { return nil }
        return (outside, all)
    }

    /// The one extent that is left beside constants, if all rows are in it.
    private static func rest(of input: [Extent]?, others: [Int], before place: Int, rows: Int?) -> Extent? {
        guard let (outside, all) = around(input), let divisor = product(others), divisor > 0, all % divisor == 0,
            let before = product(Array(others.prefix(place))), before > 0
        else { return nil }
        let factor = all / divisor
        guard outside % before == 0, outside / before > 0, factor % (outside / before) == 0 else { return nil }
        return .rows(outer: outside / before, inner: factor / (outside / before))
    }

    /// Which of the constants `target` the rows of `input` went to, of which there are `rows`.
    ///
    /// Of several that fit: one that is the number of rows; in two dimensions the first; one that begins with the rows.
    private static func placeOfRows(in target: [Int], _ input: [Extent]?, _ rows: Int?) -> Int? {
        guard let rows, let (outside, _) = around(input) else { return nil }
        var before = 1
        var candidates: [(place: Int, outer: Int, inner: Int)] = []
        for (place, extent) in target.enumerated() {
            guard before > 0, outside % before == 0, let step = Extent.product(outside / before, rows), step > 0 else {
                break
            }
            if extent % step == 0 { candidates.append((place, outside / before, extent / step)) }
            guard let next = Extent.product(before, extent) else { break }
            before = next
        }
        let exact = candidates.first { $0.outer == 1 && $0.inner == 1 }
        let first = target.count == 2 ? candidates.first { $0.inner == 1 } : nil
        return (exact ?? first ?? candidates.first { $0.outer == 1 } ?? candidates.first)?.place
    }
}
