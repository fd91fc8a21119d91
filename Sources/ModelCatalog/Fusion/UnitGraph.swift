/// The graphs of a unit's blocks as one graph.
struct UnitGraph {
    private let unit: LoadingUnit

    init(_ unit: LoadingUnit) {
        self.unit = unit
    }

    /// One model that does what `blocks`, the unit's members in order, do one after the other.
    ///
    /// Inputs are called `i0`.., outputs `o0`.., all other values of member k start with `m<k>_`. Throws where a block
    /// does not have the inputs and outputs the unit says, or where two of them need different operator sets.
    func merged(_ blocks: [Onnx_ModelProto]) throws(CatalogError) -> Onnx_ModelProto {
        guard blocks.count == unit.members.count else { throw damaged("it has \(blocks.count) blocks") }
        var result = Onnx_ModelProto()
        result.graph.name = "unit"
        result.irVersion = blocks.map(\.irVersion).max() ?? 0
        var declaredInputs: [Int: Onnx_ValueInfoProto] = [:]
        for (index, block) in blocks.enumerated() {
            let member = unit.members[index]
            let weights = Set(block.graph.initializer.map(\.name))
            let inputs = block.graph.input.filter { !weights.contains($0.name) }
            guard inputs.count == member.inputs.count, block.graph.output.count == member.outputCount else {
                throw damaged("block \(member.block) does not have the inputs and outputs it is used with")
            }
            let names = names(of: index, inputs: inputs, outputs: block.graph.output)
            for (input, source) in zip(inputs, member.inputs) {
                if case .input(let place) = source { declaredInputs[place] = input.renamed("i\(place)") }
            }
            append(block.graph, names, to: &result.graph)
            try add(block.opsetImport, to: &result)
            for function in block.functions where !result.functions.contains(function) {
                result.functions.append(function)
            }
        }
        result.graph.input = declaredInputs.sorted { $0.key < $1.key }.map(\.value)
        result.graph.output = unit.outputs.enumerated().map { place, output in
            blocks[output.member].graph.output[output.output].renamed("o\(place)")
        }
        let opsets = blocks.compactMap(\.opset)
        if let opset = OpsetChoice.common(opsets) { result.opset = opset }
        result.graph.nameDimensions()
        result.block(unit.layout)
        return result
    }

    private func names(
        of member: Int,
        inputs: [Onnx_ValueInfoProto],
        outputs: [Onnx_ValueInfoProto]
    ) -> MemberNames {
        var known: [String: String] = [:]
        for (input, source) in zip(inputs, unit.members[member].inputs) {
            known[input.name] =
                switch source {
                case .input(let place): "i\(place)"
                case .member(let member, let output): name(of: .init(member: member, output: output))
                }
        }
        for (index, output) in outputs.enumerated() {
            known[output.name] = name(of: .init(member: member, output: index))
        }
        return MemberNames(prefix: "m\(member)_", known: known)
    }

    private func name(of output: LoadingUnit.Output) -> String {
        if let place = unit.outputs.firstIndex(of: output) { return "o\(place)" }
        return "m\(output.member)_o\(output.output)"
    }

    private func append(_ graph: Onnx_GraphProto, _ names: MemberNames, to result: inout Onnx_GraphProto) {
        let renamed = names.renaming(graph)
        result.node += renamed.node
        result.initializer += renamed.initializer
        result.sparseInitializer += renamed.sparseInitializer
        result.quantizationAnnotation += renamed.quantizationAnnotation
    }

    private func add(_ sets: [Onnx_OperatorSetIdProto], to model: inout Onnx_ModelProto) throws(CatalogError) {
        for set in sets {
            guard let present = model.opsetImport.first(where: { $0.domain == set.domain }) else {
                model.opsetImport.append(set)
                continue
            }
            if set.domain.isEmpty { continue }
            guard present.version == set.version else { throw damaged("its blocks need different operator sets") }
        }
    }

    private func damaged(_ reason: String) -> CatalogError {
        CatalogError(.damagedStore, "unit \(unit.id): \(reason)")
    }
}

/// What the values of one member are called in the unit.
private struct MemberNames {
    let prefix: String
    let known: [String: String]

    subscript(_ name: String) -> String { name.isEmpty ? "" : known[name] ?? prefix + name }

    /// `graph` with these names, subgraphs included: no value inside has the name of one outside.
    func renaming(_ graph: Onnx_GraphProto) -> Onnx_GraphProto {
        var result = graph
        result.node = graph.node.map(renaming)
        for index in result.initializer.indices {
            result.initializer[index].name = self[result.initializer[index].name]
        }
        for index in result.sparseInitializer.indices {
            result.sparseInitializer[index].values.name = self[result.sparseInitializer[index].values.name]
        }
        for index in result.quantizationAnnotation.indices {
            result.quantizationAnnotation[index].tensorName = self[result.quantizationAnnotation[index].tensorName]
            for pair in result.quantizationAnnotation[index].quantParameterTensorNames.indices {
                let name = result.quantizationAnnotation[index].quantParameterTensorNames[pair].value
                result.quantizationAnnotation[index].quantParameterTensorNames[pair].value = self[name]
            }
        }
        result.input = graph.input.map { $0.renamed(self[$0.name]) }
        result.output = graph.output.map { $0.renamed(self[$0.name]) }
        result.valueInfo = graph.valueInfo.map { $0.renamed(self[$0.name]) }
        return result
    }

    private func renaming(_ node: Onnx_NodeProto) -> Onnx_NodeProto {
        var result = node
        if !node.name.isEmpty { result.name = prefix + node.name }
        result.input = node.input.map { self[$0] }
        result.output = node.output.map { self[$0] }
        for index in result.attribute.indices {
            if result.attribute[index].hasG { result.attribute[index].g = renaming(result.attribute[index].g) }
            result.attribute[index].graphs = result.attribute[index].graphs.map(renaming)
        }
        return result
    }
}

extension Onnx_ValueInfoProto {
    fileprivate func renamed(_ name: String) -> Onnx_ValueInfoProto {
        var result = self
        result.name = name
        return result
    }
}
