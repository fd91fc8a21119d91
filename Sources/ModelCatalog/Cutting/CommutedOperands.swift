import FoundationEssentials

/// Operands of operators that do not care for their order, in an order that follows from what they are.
///
/// `Operators.md`: `Add`, `Mul`, `And`, `Or`, `Xor`, `Equal` and the bitwise ones take two operands each; IEEE 754 addition and
/// multiplication of two numbers give the same bits in both orders. Of two NaN one is given on; which one, and so its payload, is left
/// open by IEEE 754 and counts as no meaning. `Max`, `Min` and `Sum` are left alone: the first two may tell 0 from -0 by the order.
/// So is what reads a convolution: runtimes put the addition into one of two convolutions by the order, and then round elsewhere.
///
/// Constants come last; of other operands the one whose part of the segment has the smaller digest comes first. What comes from
/// outside the segment counts as one and the same, so that nothing depends on what stands before it; equal ones stay in the
/// file's order.
struct CommutedOperands {
    private var digests: [String: OperandDigest] = [:]
    private let initializers: GraphInitializers
    private let convolved: Set<String>

    private static let operators: Set = [
        "Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Mul", "Or", "Xor",
    ]
    private static let convolutions: Set = ["Conv", "ConvInteger", "ConvTranspose", "QLinearConv"]

    /// The nodes of a segment, each after those it depends on, with their operands in order.
    static func ordered(_ nodes: [Onnx_NodeProto], initializers: GraphInitializers) -> [Onnx_NodeProto] {
        guard nodes.contains(where: isCommutative) else { return nodes }
        var order = CommutedOperands(nodes, initializers)
        return nodes.map { order.visit($0) }
    }

    private init(_ nodes: [Onnx_NodeProto], _ initializers: GraphInitializers) {
        self.initializers = initializers
        convolved = Set(nodes.filter { Self.convolutions.contains($0.opType) }.flatMap(\.output))
    }

    private static func isCommutative(_ node: Onnx_NodeProto) -> Bool {
        operators.contains(node.opType) && node.canonicalDomain.isEmpty && node.input.count == 2
            // Before version 7 the second operand was spread along an axis of an attribute.
            && node.attribute.isEmpty
    }

    private mutating func visit(_ node: Onnx_NodeProto) -> Onnx_NodeProto {
        var result = node
        if Self.isCommutative(node), node.input.allSatisfy({ !$0.isEmpty && !convolved.contains($0) }) {
            if rank(of: node.input[1]) < rank(of: node.input[0]) { result.input = [node.input[1], node.input[0]] }
        }
        note(result)
        return result
    }

    /// Constants last, then by structure; weights decide only between operands of one structure.
    private func rank(of name: String) -> (Int, UInt64, UInt64) {
        let digest = digest(of: name)
        return (initializers.contains(name) ? 1 : 0, digest.structure.value, digest.content.value)
    }

    /// Of a constant its type, shape and first bytes; the empty one for what comes from outside.
    private func digest(of name: String) -> OperandDigest {
        if let digest = digests[name] { return digest }
        var digest = OperandDigest()
        guard let tensor = initializers.tensor(named: name) else { return digest }
        digest.add(UInt64(truncatingIfNeeded: tensor.dataType))
        for extent in tensor.dims { digest.add(UInt64(bitPattern: extent)) }
        for byte in tensor.rawData.prefix(64) { digest.content.add(UInt64(byte)) }
        return digest
    }

    private mutating func note(_ node: Onnx_NodeProto) {
        var digest = OperandDigest()
        for byte in node.opType.utf8 { digest.add(UInt64(byte)) }
        for attribute in node.sortedAttributes {
            for byte in attribute.name.utf8 { digest.add(UInt64(byte)) }
            digest.add(UInt64(bitPattern: attribute.i))
            digest.add(UInt64(attribute.f.bitPattern))
            for number in attribute.ints { digest.add(UInt64(bitPattern: number)) }
        }
        for name in node.input { digest.add(self.digest(of: name)) }
        for (place, name) in node.output.enumerated() where !name.isEmpty {
            var own = digest
            own.add(UInt64(place))
            digests[name] = own
        }
    }
}

/// What an operand is calculated from: how, and with which weights.
private struct OperandDigest {
    var structure = Digest()
    var content = Digest()

    mutating func add(_ word: UInt64) {
        structure.add(word)
        content.add(word)
    }

    mutating func add(_ other: OperandDigest) {
        structure.add(other.structure.value)
        content.add(other.content.value)
    }
}

/// FNV-1a over words of 64 bits: the same in every process, which Swift's hashes are not.
private struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            value = (value ^ (word >> UInt64(shift) & 0xFF)) &* 0x100_0000_01B3
        }
    }
}
