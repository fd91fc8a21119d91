import FoundationEssentials

extension Onnx_NodeProto {
    /// The attributes in the order of their names, which is the order they are read in everywhere.
    var sortedAttributes: [Onnx_AttributeProto] { attribute.sorted { $0.name < $1.name } }

    /// The graphs inside the node (`If`, `Loop`, `Scan`), in the order of their attributes.
    var subgraphs: [Onnx_GraphProto] { sortedAttributes.flatMap(\.subgraphs) }

    /// The operator's domain; ONNX's own has two names, of which this is the empty one.
    var canonicalDomain: String { domain == "ai.onnx" ? "" : domain }

    /// What messages call the node.
    var label: String { name.isEmpty ? "\(opType) node" : "\(opType) node '\(name)'" }

    /// Every value the node reads, each once: its inputs in order, then what its subgraphs capture.
    func reads() throws(CatalogError) -> [String] {
        var captured: [String] = []
        for subgraph in subgraphs { captured += try subgraph.captures() }
        var seen = Set<String>()
        return (input + captured).filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    /// The tensor a dense `Constant` node stands for, named as its output; nil for every other node.
    var constantTensor: Onnx_TensorProto? {
        guard opType == "Constant", canonicalDomain.isEmpty, output.count == 1, let value = attribute.first,
            attribute.count == 1
        else { return nil }
        var tensor = value.constantTensor
        tensor?.name = output[0]
        return tensor
    }
}

extension Onnx_AttributeProto {
    /// The tensor this attribute of a `Constant` node stands for (ONNX operator `Constant`, version 13).
    fileprivate var constantTensor: Onnx_TensorProto? {
        var tensor = Onnx_TensorProto()
        switch name {
        case "value" where hasT: return t
        case "value_float": tensor.floatData = [f]
        case "value_floats": tensor.floatData = floats
        case "value_int": tensor.int64Data = [i]
        case "value_ints": tensor.int64Data = ints
        case "value_string": tensor.stringData = [s]
        case "value_strings": tensor.stringData = strings
        default: return nil
        }
        let isList = name.hasSuffix("s")
        if isList { tensor.dims = [Int64(tensor.floatData.count + tensor.int64Data.count + tensor.stringData.count)] }
        tensor.dataType = Int32(constantType.rawValue)
        return tensor
    }

    private var constantType: Onnx_TensorProto.DataType {
        if name.hasPrefix("value_float") { return .float }
        return name.hasPrefix("value_int") ? .int64 : .string
    }
}

extension Onnx_GraphProto {
    /// The values of outer graphs that the graph reads, each once, in the order of use.
    func captures() throws(CatalogError) -> [String] {
        let graph = try NodeGraph(node)
        let outputs = output.map(\.name)
        let order = try graph.order(reaching: outputs)
        let local = Set(input.map(\.name) + initializer.map(\.name) + sparseInitializer.map(\.values.name))
        var seen = Set<String>()
        return (order.flatMap { graph.reads[$0] } + outputs).filter { name in
            !local.contains(name) && graph.producers[name] == nil && seen.insert(name).inserted
        }
    }
}
