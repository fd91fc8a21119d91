import ServingCore
import Testing

@testable import ModelCatalog

struct EmptyTensorsTests {
    private func model(_ operators: String..., domain: String = "") throws -> ONNXModel {
        var builder = ModelBuilder()
        var last = "x"
        for (place, name) in operators.enumerated() {
            let next = place == operators.count - 1 ? "y" : "v\(place)"
            builder.add(name, [last], [next])
            last = next
        }
        for index in builder.proto.graph.node.indices { builder.proto.graph.node[index].domain = domain }
        return try builder.model()
    }

    @Test(arguments: ["GRU", "LSTM", "ConvTranspose", "Unique"])
    func `An operator that dies of empty tensors is found`(name: String) throws {
        #expect(try EmptyTensors.areFatal(to: model("Relu", name)))
        #expect(try EmptyTensors.areFatal(to: model(name, domain: "ai.onnx")))
        #expect(try !EmptyTensors.areFatal(to: model(name, domain: "elsewhere")))
    }

    @Test func `Other models take empty tensors`() throws {
        #expect(try !EmptyTensors.areFatal(to: model("Relu", "MatMul", "Conv")))
    }

    @Test func `The manifest keeps it, and says nothing where there is nothing to say`() throws {
        var servable = try ModelBuilder.chain([1]).plan().model(ModelID(name: "m", version: 1))
        for refuses in [true, false] {
            servable.refusesEmpty = refuses
            let entry = CatalogEntry(
                model: servable,
                fileSizes: [:],
                sourceSHA256: "",
                sourceSize: .zero,
                fallback: nil
            )
            let stored = try ModelManifest(entry).stored()
            #expect(String(decoding: stored, as: UTF8.self).contains("refusesEmpty") == refuses)
            #expect(try ModelManifest(stored: stored).entry(of: servable.id).model.refusesEmpty == refuses)
        }
    }
}
