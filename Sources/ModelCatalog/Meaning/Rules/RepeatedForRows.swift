/// A constant that is put beside the rows of a request is repeated as often as there are rows beside it.
///
/// `Operators.md`, `Concat`: all inputs have the same extents but along the axis. So a constant of one row that an `Expand` repeats along
/// the first dimension alone is repeated as often as another input has rows; in a file with one fixed row, a constant as it is
/// is that. Both are written as an `Expand` to the number of rows of the first input that has them.
enum RepeatedForRows {
    /// Rewrites the inputs of a `Concat` in `pass`; other nodes stay as they are.
    static func rewrite(_ node: inout Onnx_NodeProto, in pass: inout ShapePass) {
        guard node.opType == "Concat", node.canonicalDomain.isEmpty else { return }
        let axis = node.integer("axis", or: 0)
        let sibling = node.input.first { name in
            pass.producer(of: name)?.opType != "Expand" && pass.flow.fact(name).extents?.first == .rows
        }
        guard let sibling, let rank = pass.flow.fact(sibling).extents?.count, rank > 1, axis != 0, axis != -rank else {
            return
        }
        for place in node.input.indices {
            guard let constant = repeated(node.input[place], rank, in: pass) else { continue }
            node.input[place] = pass.expand(constant, rank: rank, toRowsOf: sibling)
        }
    }

    /// The constant of one row that `name` is, or repeats along the rows alone.
    private static func repeated(_ name: String, _ rank: Int, in pass: ShapePass) -> String? {
        var source = name
        if let node = pass.producer(of: name) {
            guard node.opType == "Expand", node.canonicalDomain.isEmpty, let first = node.input.first else {
                return nil
            }
            source = first
        }
        guard pass.flow.isConstant(source), let own = pass.flow.fact(source).extents, own.count == rank,
            own[0] == .known(1),
            let extents = pass.flow.fact(name).extents, extents.count == rank, extents.dropFirst() == own.dropFirst(),
            extents[0] == .rows || pass.flow.rows == 1 && extents[0] == .known(1)
        else { return nil }
        return source
    }
}
