import ServingCore
import SwiftProtobuf

/// The types of the values at the edges of a model's blocks: its inputs, its outputs, and what crosses the cuts.
///
/// The engine's inference is asked first and gets the model without the types its exporter wrote down for inner
/// values: so two files that hold the same layers give them the same types, whatever else the files say. What the
/// file declares fills in where inference does not know. Blocks take any number of rows where all that goes from block to
/// block has a row for each row of the request, whatever number the file fixes (see ``FixedRows``).
struct BoundaryTypes {
    /// The known types, by the values' names.
    let byName: [String: TensorSpecification]
    /// Why nothing is known of what crosses the cuts; nil where something is.
    let failure: String?
    /// The outputs whose number of dimensions nothing tells.
    private let withoutRank: Set<String>
    private let model: ONNXModel

    /// Learns the types; throws where the engine cannot load the model at all.
    init(of model: ONNXModel, crossing: [String], inference: any TensorTypeInference) throws(CatalogError) {
        let graph = model.proto.graph
        try Self.check(model)
        let declared = Self.declared(in: graph)
        if let free = Self.freed(model, crossing: crossing, inference: inference) {
            (byName, failure, withoutRank, self.model) = (free, nil, [], model)
            return
        }
        let (inferred, failure) = try Self.inferred(of: model, crossing: crossing, inference: inference)
        // Inference gives a tensor of unknown rank no dimensions: not a type to build a block on.
        var types = inferred.filter { !$0.value.shape.isEmpty }.merging(declared) { inferred, _ in inferred }
        for output in graph.output where types[output.name] == nil { types[output.name] = inferred[output.name] }
        for input in model.inputs { types[input.name] = input.specification }
        let undeclared = graph.output.map(\.name).filter { declared[$0] == nil && types[$0]?.shape.isEmpty == true }
        withoutRank = Self.withoutRank(undeclared, of: model, inference)
        byName = types
        self.failure = crossing.contains { types[$0] != nil } ? nil : failure
        self.model = model
    }

    /// The types with any number of rows; nil where the file fixes none, or not all values have one row for each of a request.
    private static func freed(
        _ model: ONNXModel,
        crossing: [String],
        inference: any TensorTypeInference
    ) -> [String: TensorSpecification]? {
        guard let rows = FixedRows(of: model) else { return nil }
        let free = model.reading(rows.freed(model.proto))
        guard var types = try? ask(inference, about: probe(free, crossing: crossing)) else { return nil }
        let edges = crossing + model.proto.graph.output.map(\.name)
        guard edges.allSatisfy({ types[$0]?.shape.first == -1 }) else { return nil }
        for input in free.inputs { types[input.name] = input.specification }
        return types
    }

    /// The shapes of some values, -1 for what varies; empty where the engine cannot tell.
    static func shapes(
        of names: [String],
        in proto: Onnx_ModelProto,
        of model: ONNXModel,
        inference: any TensorTypeInference
    ) -> [String: [Int]] {
        let own = model.reading(proto)
        // With any number of rows first: so a file with a fixed number is said as one without.
        let free = FixedRows(of: own).map { own.reading($0.freed(proto)) }
        for model in [free, own] {
            guard let model, var types = try? ask(inference, about: probe(model, crossing: names)) else { continue }
            for input in model.inputs { types[input.name] = input.specification }
            return types.mapValues(\.shape).filter { !$0.value.isEmpty }
        }
        return [:]
    }

    /// What the model takes, in its own order; throws where an input is no tensor of known datatype and rank.
    func inputs() throws(CatalogError) -> [TensorSpecification] {
        try model.inputs.map { input throws(CatalogError) in
            guard let specification = input.specification else {
                throw CatalogError(
                    .unsupportedModel,
                    "input '\(model.original(input.name))' is not a tensor with a known element type and rank"
                )
            }
            return specification
        }
    }

    /// What the model gives, in its own order, as the file declares it and else as inferred; a shape of -1 stands for one
    /// whose number of dimensions is not known.
    func outputs() throws(CatalogError) -> [TensorSpecification] {
        try model.proto.graph.output.map { output throws(CatalogError) in
            guard let specification = output.specification ?? byName[output.name] else {
                throw CatalogError(
                    .unsupportedModel,
                    "output '\(model.original(output.name))' is not a tensor with a known element type"
                )
            }
            guard withoutRank.contains(output.name) else { return specification }
            return TensorSpecification(name: specification.name, datatype: specification.datatype, shape: [-1])
        }
    }

    /// Those of some outputs, inferred without dimensions, that are no scalars: inference tells of both alike, but of a
    /// value whose rank it knows it also knows the length of its shape.
    private static func withoutRank(
        _ names: [String],
        of model: ONNXModel,
        _ inference: any TensorTypeInference
    ) -> Set<String> {
        guard !names.isEmpty else { return [] }
        var probe = probe(model, crossing: [])
        for (place, name) in names.enumerated() {
            var node = Onnx_NodeProto()
            (node.opType, node.input, node.output) = ("Shape", [name], ["shape-of-output-\(place)"])
            probe.graph.node.append(node)
            var output = Onnx_ValueInfoProto()
            output.name = "shape-of-output-\(place)"
            probe.graph.output.append(output)
        }
        guard let found = try? ask(inference, about: probe) else { return [] }
        return Set(names.enumerated().filter { found["shape-of-output-\($0.offset)"]?.shape == [-1] }.map(\.element))
    }

    /// Throws where the file itself says that an input or output is nothing to serve.
    private static func check(_ model: ONNXModel) throws(CatalogError) {
        let named = model.inputs.map { ("input", $0) } + model.proto.graph.output.map { ("output", $0) }
        for (kind, value) in named {
            guard let obstacle = value.obstacle else { continue }
            throw CatalogError(.unsupportedModel, "\(kind) '\(model.original(value.name))' \(obstacle)")
        }
    }

    private static func declared(in graph: Onnx_GraphProto) -> [String: TensorSpecification] {
        let pairs = (graph.valueInfo + graph.output).compactMap { value in
            value.specification.map { (value.name, $0) }
        }
        return Dictionary(pairs) { _, last in last }
    }

    private static func inferred(
        of model: ONNXModel,
        crossing: [String],
        inference: any TensorTypeInference
    ) throws(CatalogError) -> (types: [String: TensorSpecification], failure: String?) {
        do {
            return (try ask(inference, about: probe(model, crossing: crossing)), nil)
        } catch let error where crossing.isEmpty {
            let makesMaps = model.proto.graph.node.contains { $0.opType == "ZipMap" }
            let hint = EngineHint.hint(for: error.message, makesMaps: makesMaps).map { " (\($0))" } ?? ""
            throw CatalogError(
                .unsupportedModel,
                "the engine cannot load the model\(try why(model)): \(error.message)\(hint)"
            )
        } catch {
            // Perhaps one of the crossing values is no tensor. The model as it is must load all the same.
            let types = try inferred(of: model, crossing: [], inference: inference).types
            return (types, "the engine cannot tell what crosses the cuts: \(error.message)")
        }
    }

    /// Names the domains of operators that a runtime may lack.
    private static func why(_ model: ONNXModel) throws(CatalogError) -> String {
        let domains = try model.foreignDomains().map { "'\($0)'" }
        return domains.isEmpty ? "" : ", which has operators of domain \(domains.joined(separator: ", "))"
    }

    private static func ask(
        _ inference: any TensorTypeInference,
        about probe: Onnx_ModelProto
    ) throws(ServingError) -> [String: TensorSpecification] {
        let found: [TensorSpecification]
        do {
            found = try inference.outputSpecifications(ofModel: bytes(of: probe.withoutLargeWeights()))
        } catch {
            // Some operators want their weights there; few types depend on them.
            found = try inference.outputSpecifications(ofModel: bytes(of: probe))
        }
        return Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
    }

    private static func bytes(of model: Onnx_ModelProto) throws(ServingError) -> [UInt8] {
        do {
            return try model.serializedBytes()
        } catch {
            throw ServingError(.internalError, "the model cannot be written down: \(error)")
        }
    }

    /// The model with `crossing` among its outputs, and without types of inner values and shapes of outputs.
    private static func probe(_ model: ONNXModel, crossing: [String]) -> Onnx_ModelProto {
        var probe = model.proto
        probe.graph.valueInfo = []
        for index in probe.graph.output.indices {
            guard case .tensorType(var tensor)? = probe.graph.output[index].type.value else { continue }
            tensor.clearShape()
            probe.graph.output[index].type.tensorType = tensor
        }
        let present = Set(probe.graph.output.map(\.name))
        for name in crossing where !present.contains(name) {
            var output = Onnx_ValueInfoProto()
            output.name = name
            probe.graph.output.append(output)
        }
        return probe
    }
}

extension Onnx_ModelProto {
    /// The model with large weights as further inputs: so it takes few bytes, and its types can be told all the same.
    fileprivate func withoutLargeWeights() -> Onnx_ModelProto {
        var result = self
        let large = graph.initializer.filter { $0.storedByteCount > 1 << 16 }
        guard !large.isEmpty else { return self }
        let names = Set(large.map(\.name))
        let present = Set(graph.input.map(\.name))
        result.graph.initializer.removeAll { names.contains($0.name) }
        for tensor in large where !present.contains(tensor.name) {
            var input = Onnx_ValueInfoProto()
            input.name = tensor.name
            input.type.tensorType.elemType = tensor.dataType
            input.type.tensorType.shape.dim = tensor.dims.map { extent in
                var dimension = Onnx_TensorShapeProto.Dimension()
                dimension.dimValue = extent
                return dimension
            }
            result.graph.input.append(input)
        }
        return result
    }
}
