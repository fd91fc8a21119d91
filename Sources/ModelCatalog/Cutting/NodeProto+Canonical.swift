extension Onnx_NodeProto {
    /// The node with canonical names, its attributes sorted and normalised, without anything that is only for people and without
    /// what says nothing (``meaningfulAttributes``).
    func canonical(_ names: inout CanonicalNames) throws(CatalogError) -> Onnx_NodeProto {
        var result = Onnx_NodeProto()
        let function = names.functions[self]?.function
        result.opType = function?.name ?? opType
        result.domain = function?.domain ?? canonicalDomain
        // A function has defaults of its own, whatever its name.
        result.input = (function == nil ? meaningfulInputs : input).map { names[$0] }
        result.output = (function == nil ? meaningfulOutputs : output).map { names[$0] }
        for attribute in function == nil ? meaningfulAttributes : sortedAttributes {
            result.attribute.append(try attribute.canonical(&names))
        }
        return result
    }
}

extension Onnx_AttributeProto {
    /// The attribute without documentation, with canonical names in its subgraphs.
    func canonical(_ names: inout CanonicalNames) throws(CatalogError) -> Onnx_AttributeProto {
        var result = Onnx_AttributeProto()
        result.name = name
        result.type = type
        if !refAttrName.isEmpty { result.refAttrName = refAttrName }
        if hasSparseTensor { result.sparseTensor = try sparseTensor.canonical(named: "") }
        for tensor in sparseTensors { result.sparseTensors.append(try tensor.canonical(named: "")) }
        if hasF { result.f = f }
        if hasI { result.i = i }
        if hasS { result.s = s }
        if hasT { result.t = try t.dense() }
        if hasG { result.g = try g.canonical(&names) }
        if hasTp { result.tp = tp.anonymous }
        result.floats = floats
        result.ints = ints
        result.strings = strings
        result.typeProtos = typeProtos.map(\.anonymous)
        for tensor in tensors { result.tensors.append(try tensor.dense()) }
        for graph in graphs { result.graphs.append(try graph.canonical(&names)) }
        return result
    }
}

extension Onnx_GraphProto {
    /// A subgraph in canonical form; values it captures keep the names they have outside.
    fileprivate func canonical(_ names: inout CanonicalNames) throws(CatalogError) -> Onnx_GraphProto {
        let graph = try NodeGraph(node)
        let order = try graph.order(reaching: output.map(\.name))
        let initializers = GraphInitializers(self)
        var seen = Set<String>()
        let weights = (order.flatMap { graph.reads[$0] } + output.map(\.name)).filter { name in
            initializers.contains(name) && seen.insert(name).inserted
        }
        let locals = input.map(\.name) + weights + order.flatMap { graph.nodes[$0].output }
        return try names.inScope(of: locals) { names throws(CatalogError) in
            var result = Onnx_GraphProto()
            result.name = "subgraph"
            for node in order { result.node.append(try graph.nodes[node].canonical(&names)) }
            for weight in weights { try initializers.append(weight, named: names[weight], to: &result) }
            result.input = input.map { $0.canonical(names) }
            result.output = output.map { $0.canonical(names) }
            return result
        }
    }
}

extension Onnx_ValueInfoProto {
    fileprivate func canonical(_ names: CanonicalNames) -> Onnx_ValueInfoProto {
        var result = Onnx_ValueInfoProto()
        result.name = names[name]
        if hasType { result.type = type.anonymous }
        return result
    }
}
