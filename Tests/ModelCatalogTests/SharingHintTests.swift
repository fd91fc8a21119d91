import FoundationEssentials
import Testing

@testable import ModelCatalog

struct SharingHintTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
    }

    private func add(_ builder: ModelBuilder, _ name: String) throws -> String? {
        try store.importModel(from: folder.write(builder), name: name, types: TypeTable()).sharing
    }

    /// Layers with weights of more than a KiB.
    private func large(_ seeds: [Float]) -> ModelBuilder {
        var builder = ModelBuilder.chain(seeds)
        for index in seeds.indices {
            let values = (0..<512).map { seeds[index] + Float($0) }
            builder.proto.graph.initializer[index] = ModelBuilder.tensor(
                builder.proto.graph.initializer[index].name,
                values
            )
        }
        return builder
    }

    @Test func `A first model shares nothing`() throws {
        #expect(try add(large([1, 2]), "first") == "shares nothing: there is no other model")
    }

    @Test func `What is shared is said with whom`() throws {
        _ = try add(large([1, 2, 3, 4]), "first")
        _ = try add(large([1, 2, 3, 5]), "second")
        let found = try #require(try add(large([1, 2, 3, 6]), "third"))
        #expect(found.hasPrefix("shares "))
        #expect(found.hasSuffix(" %) with first:1 and 1 more"))
    }

    @Test func `Where nothing is shared, the nearest model is named, and what differs`() throws {
        _ = try add(large([7, 8]), "far")
        _ = try add(large([1, 2]), "near")
        var other = large([1, 2])
        for index in other.proto.graph.node.indices where other.proto.graph.node[index].opType == "Relu" {
            other.proto.graph.node[index].opType = "Sigmoid"
        }
        other.proto.graph.node[2].output = ["before"]
        other.add("Tanh", ["before"], ["y"])
        let found = try #require(try add(other, "new"))
        #expect(
            found.hasPrefix("shares nothing; nearest is near:1, which has 4096 of 4096 bytes (100 %) of the weights")
        )
        #expect(found.contains("they differ in operators: "))
    }

    @Test func `Where no weights are equal, that is said`() throws {
        _ = try add(large([1, 2]), "first")
        #expect(try add(large([30, 40]), "other") == "shares nothing; no other model has weights of its own values")
    }

    @Test func `Of blocks with the same nodes the first difference is named`() {
        let own = ModelBuilder.chain([1]).proto
        var other = own
        other.opset = 12
        #expect(BlockDifference.text(own, other) == "opset 17 against 12")
        other = own
        other.graph.node[0].attribute = [ModelBuilder.attribute("axis", 1)]
        #expect(BlockDifference.text(own, other) == "attribute axis of MatMul: none against 1")
        other = own
        other.graph.input = [ModelBuilder.value("x", shape: [1, 4])]
        #expect(BlockDifference.text(own, other) == "the declared batch of an input: [any, 4] against [1, 4]")
        other = own
        other.graph.initializer[0].rawData[0] ^= 1
        #expect(BlockDifference.text(own, other) == "values of 1 of 1 weights")
    }
}
