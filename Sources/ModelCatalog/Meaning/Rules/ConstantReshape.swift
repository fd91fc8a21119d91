/// A `Reshape` says its target by constants, reads what other reshapes read, and vanishes where it changes nothing.
///
/// For the target see ``ReshapeTarget``. The order of elements stays in a `Reshape` (`Operators.md`), so of two in a row the
/// first does nothing where the second's target copies no extents. Where all extents but one are the same numbers before
/// and after, the last one is, too.
enum ConstantReshape {
    /// Rewrites a `Reshape` in `pass`; other nodes stay as they are.
    static func rewrite(_ node: inout Onnx_NodeProto, in pass: inout ShapePass) {
        guard node.opType == "Reshape", node.canonicalDomain.isEmpty, let output = node.output.first,
            let target = ReshapeTarget(of: node, in: pass.flow), let constants = target.constants
        else { return }
        if pass.flow.integers(node.input[1]) != constants {
            node.input[1] = pass.addConstant("target of \(output)", constants)
        }
        node.attribute = []
        while let earlier = pass.producer(of: node.input[0]), earlier.opType == "Reshape",
            earlier.canonicalDomain.isEmpty,
            let source = earlier.input.first
        {
            node.input[0] = source
        }
        if isSame(pass.flow.fact(node.input[0]).extents, target.extents) {
            (node.opType, node.input) = ("Identity", [node.input[0]])
        }
    }

    private static func isSame(_ before: [Extent]?, _ after: [Extent]) -> Bool {
        guard let before, before.count == after.count else { return false }
        var open = 0
        for (one, other) in zip(before, after) {
            guard let left = one.number, let right = other.number else {
                // A number here and none there would be a place that rows went to or came from.
                guard one.number == nil, other.number == nil else { return false }
                open += 1
                continue
            }
            guard left == right, left > 0 else { return false }
        }
        return open <= 1
    }
}
