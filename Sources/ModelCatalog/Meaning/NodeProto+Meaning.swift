extension Onnx_NodeProto {
    /// The node's attributes without what says nothing, in the order of their names.
    ///
    /// An attribute that is left out has its default (`IR.md`, "Attributes"; the defaults are those of the operators' schemas):
    /// so one that is written out with it says nothing. Further defaults are only in the operators' texts:
    /// see ``isImplied(_:)``.
    var meaningfulAttributes: [Onnx_AttributeProto] {
        guard canonicalDomain.isEmpty else { return sortedAttributes }
        return sortedAttributes.filter { !OperatorVersions.shared.isDefault($0, of: opType) && !isImplied($0) }
    }

    /// The inputs without those left out at the end: `IR.md`, "Optional Inputs and Outputs", lets a node name them by empty
    /// names or not at all.
    var meaningfulInputs: [String] {
        guard canonicalDomain.isEmpty, let last = input.lastIndex(where: { !$0.isEmpty }) else { return input }
        return Array(input[...last])
    }

    /// The outputs without those left out at the end; those of control flow belong to outputs of its subgraphs.
    var meaningfulOutputs: [String] {
        guard canonicalDomain.isEmpty, subgraphs.isEmpty, let last = output.lastIndex(where: { !$0.isEmpty })
        else { return output }
        return Array(output[...last])
    }

    /// Whether the operator's text says that leaving `attribute` out means the same.
    ///
    /// `Conv`, `ConvTranspose` and the pools: "strides" and "dilations" default to 1 along each spatial axis, "pads" to 0.
    /// `BatchNormalization`: "momentum" is a factor of the running mean and variance, which only training mode calculates.
    private func isImplied(_ attribute: Onnx_AttributeProto) -> Bool {
        guard attribute.refAttrName.isEmpty, attribute.type == .ints || attribute.type == .float else { return false }
        switch attribute.name {
        case "strides", "dilations": return Self.windowed.contains(opType) && attribute.ints.allSatisfy { $0 == 1 }
        case "pads": return Self.windowed.contains(opType) && attribute.ints.allSatisfy { $0 == 0 }
        case "momentum":
            let trains = self.attribute.contains {
                $0.name == "training_mode" && ($0.i != 0 || !$0.refAttrName.isEmpty)
            }
            return opType == "BatchNormalization" && !trains && output.dropFirst().allSatisfy(\.isEmpty)
        default: return false
        }
    }

    private static let windowed: Set = [
        "AveragePool", "Conv", "ConvInteger", "ConvTranspose", "LpPool", "MaxPool", "QLinearConv",
    ]
}
