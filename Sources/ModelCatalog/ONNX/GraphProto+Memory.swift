extension Onnx_GraphProto {
    /// What a runtime is likely to hold in memory for this graph, in bytes: its tensors, and what lies in attributes.
    ///
    /// An estimate for before a block was loaded for the first time; then its size is measured.
    func memoryByteCount() throws(CatalogError) -> Int {
        var sum = try parameterByteCount()
        try forEachTensor { tensor throws(CatalogError) in sum += tensor.stringData.count * HeldString.byteCount }
        try forEachNode { node throws(CatalogError) in sum += node.attributeByteCount }
        return sum
    }
}

extension Onnx_NodeProto {
    /// What a runtime is likely to hold for numbers and strings in attributes; nought for the settings of other operators.
    fileprivate var attributeByteCount: Int {
        let (numbers, strings) = attribute.reduce(into: (0, 0)) { sums, attribute in
            sums.0 += 4 * attribute.floats.count + 8 * attribute.ints.count
            sums.1 += attribute.strings.reduce(0) { $0 + HeldString.bytes($1.count) }
        }
        guard numbers + strings >= Self.smallestAttributes else { return 0 }
        // Measured with ONNX Runtime 1.32: beside its attributes a forest holds nodes of a third of their size, and an
        // operator with a vocabulary holds its strings once more, twice in tables.
        return opType.hasPrefix("TreeEnsemble") ? (numbers + strings) / 10 * 13 : numbers + strings / 2 * 7
    }

    /// Less than this are settings, which every operator has.
    private static let smallestAttributes = 1024
}

/// A string as C++ keeps it: an object and a pointer to it, and its bytes elsewhere where they are many.
private enum HeldString {
    static let byteCount = 56

    static func bytes(_ length: Int) -> Int { byteCount + (length > 15 ? length + 24 : 0) }
}
