internal import CJansson
internal import ServingCore

/// The innermost arrays of a tensor's JSON, in row-major order, checked against its shape.
struct JSONTensorRows {
    private let data: JSONValue
    private let shape: [Int]
    /// The arrays that hold elements: one for flat data.
    private var rows: [UnsafeMutablePointer<json_t>] = []
    private let isNested: Bool
    private let elementCount: Int

    /// Checks that `data` is flat with as many elements as `shape` has, or nested exactly as `shape` says.
    ///
    /// No memory is taken for elements before as many were seen in the document.
    init(of data: JSONValue, shape: [Int]) throws(ServingError) {
        guard data.kind == .array else { throw data.mismatch(expected: "an array") }
        guard let elementCount = Tensor.elementCount(of: shape) else { throw data.error("the shape is too large") }
        self.data = data
        self.shape = shape
        self.elementCount = elementCount
        isNested = shape.count > 1 && data.withNode { json_array_get($0, 0)?.pointee.type == JSON_ARRAY }
        if isNested {
            var indices: [Int] = []
            try collect(data.node, &indices)
        } else {
            try check(count: data.withNode { count(of: $0) }, expected: elementCount, at: [])
            rows = [data.node]
        }
    }

    /// The elements as integers of a fixed width; throws `invalidField` at the first that does not fit.
    func integers<Element: FixedWidthInteger & BitwiseCopyable>(
        _ type: Element.Type
    ) throws(ServingError) -> ByteRegion {
        try numbers(expected: "an integer from \(Element.min) to \(Element.max)") { scalar in
            switch scalar {
            case .integer(let value): Element(exactly: value)?.littleEndian
            case .unsigned(let value): Element(exactly: value)?.littleEndian
            case .real, .bool: nil
            }
        }
    }

    /// The elements as `convert` reads them; throws `invalidField` at the first it returns nil for.
    ///
    /// Inlined, as all below it, so that converting is no call for each element.
    @inline(__always)
    func numbers<Element: BitwiseCopyable>(
        expected: String,
        _ convert: (JSONScalar) -> Element?
    ) throws(ServingError) -> ByteRegion {
        let (size, overflow) = elementCount.multipliedReportingOverflow(by: MemoryLayout<Element>.size)
        guard !overflow else { throw data.error("the shape is too large") }
        let storage = try ByteStorage(checkedCapacity: size)
        var failure: (row: Int, column: Int)?
        storage.fill { memory in
            var offset = 0
            failure = firstFailure(scalar: { scalar in
                guard let element = convert(scalar) else { return false }
                memory.storeBytes(of: element, toByteOffset: offset, as: Element.self)
                offset += MemoryLayout<Element>.size
                return true
            })
            return offset
        }
        if let failure { throw mismatch(at: failure, expected: expected) }
        return storage.region
    }

    /// The elements as byte strings, each behind its length; throws `invalidField` at the first that is no string.
    func strings() throws(ServingError) -> ByteRegion {
        if let row = rows.firstIndex(where: { data.document.numberArray($0) != nil }) {
            throw mismatch(at: (row, 0), expected: "a string")
        }
        var size = 0
        let failure = firstFailure { node in
            guard node.pointee.type == JSON_STRING, json_string_length(node) <= Int(UInt32.max) else { return false }
            // Bounded by the document, which is in memory.
            size += 4 + json_string_length(node)
            return true
        }
        if let failure { throw mismatch(at: failure, expected: "a string") }
        let storage = try ByteStorage(checkedCapacity: size)
        _ = firstFailure { node in
            let text = UnsafeRawBufferPointer(start: json_string_value(node), count: json_string_length(node))
            withUnsafeBytes(of: UInt32(text.count).littleEndian) { _ = storage.append($0) }
            storage.append(text)
            return true
        }
        return storage.region
    }

    /// Calls `body` with each element in order until it returns false; says where that was.
    private func firstFailure(_ body: (UnsafeMutablePointer<json_t>) -> Bool) -> (row: Int, column: Int)? {
        defer { withExtendedLifetime(data) {} }
        for (row, array) in rows.enumerated() {
            for column in 0..<json_array_size(array) {
                guard let element = json_array_get(array, column), body(element) else { return (row, column) }
            }
        }
        return nil
    }

    /// Calls `body` with each element in order until it returns false or is no scalar; says where that was.
    @inline(__always)
    private func firstFailure(scalar body: (JSONScalar) -> Bool) -> (row: Int, column: Int)? {
        defer { withExtendedLifetime(data) {} }
        let all = data.document.numbers
        for (row, array) in rows.enumerated() {
            let numbers = data.document.numberArray(array)?.numbers
            for column in 0..<(numbers?.count ?? json_array_size(array)) {
                // `body` stands here once only, so that it is no call.
                let found =
                    if let numbers { all[numbers.lowerBound + column] } else {
                        json_array_get(array, column).flatMap(Self.scalar)
                    }
                guard let found, body(found) else { return (row, column) }
            }
        }
        return nil
    }

    private static func scalar(_ node: UnsafeMutablePointer<json_t>) -> JSONScalar? {
        switch node.pointee.type {
        case JSON_INTEGER: .integer(Int64(json_integer_value(node)))
        case JSON_REAL: .real(json_real_value(node))
        case JSON_TRUE: .bool(true)
        case JSON_FALSE: .bool(false)
        default: nil
        }
    }

    private func count(of array: UnsafeMutablePointer<json_t>) -> Int {
        data.document.numberArray(array)?.numbers.count ?? json_array_size(array)
    }

    private mutating func collect(
        _ array: UnsafeMutablePointer<json_t>,
        _ indices: inout [Int]
    ) throws(ServingError) {
        let level = indices.count
        try check(count: count(of: array), expected: shape[level], at: indices)
        guard level < shape.count - 1 else {
            rows.append(array)
            return
        }
        for index in 0..<shape[level] {
            indices.append(index)
            guard let inner = json_array_get(array, index), inner.pointee.type == JSON_ARRAY else {
                throw error(at: indices, "expected an array, as the shape \(shape) and the other elements have it")
            }
            try collect(inner, &indices)
            indices.removeLast()
        }
    }

    private func check(count: Int, expected: Int, at indices: [Int]) throws(ServingError) {
        guard count == expected else {
            throw error(at: indices, "expected \(expected) elements for the shape \(shape), found \(count)")
        }
    }

    private func mismatch(at place: (row: Int, column: Int), expected: String) -> ServingError {
        if let numbers = data.document.numberArray(rows[place.row])?.numbers {
            let found = data.document.numbers[numbers.lowerBound + place.column].text
            return element(place, rows[place.row]).error("expected \(expected), found \(found)")
        }
        return data.withNode { _ in
            guard let element = json_array_get(rows[place.row], place.column) else { return data.error(expected) }
            return self.element(place, element).mismatch(expected: expected)
        }
    }

    private func element(_ place: (row: Int, column: Int), _ node: UnsafeMutablePointer<json_t>) -> JSONValue {
        JSONValue(document: data.document, node: node, place: .element(of: rows[place.row], index: place.column))
    }

    private func error(at indices: [Int], _ message: String) -> ServingError {
        var path = data.path ?? ""
        for index in indices { JSONPath.append(index: index, to: &path) }
        return ServingError(.invalidField, message, field: path.isEmpty ? nil : path)
    }
}

extension JSONScalar {
    /// The value as error messages show it.
    fileprivate var text: String {
        switch self {
        case .integer(let value): "\(value)"
        case .unsigned(let value): "\(value)"
        case .real(let value): "\(value)"
        case .bool(let value): "\(value)"
        }
    }
}
