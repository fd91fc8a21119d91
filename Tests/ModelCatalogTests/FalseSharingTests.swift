import Foundation
import ServingCore
import TestSupport
import Testing

@testable import ModelCatalog

/// No two models that mean different things have the same blocks.
struct FalseSharingTests {
    private func ids(_ model: MutableModel) throws -> [BlockID] {
        try model.builder.plan(NamedShapes()).steps.map(\.id)
    }

    /// GATEWAY_TEST_MUTATIONS says how many changes, for longer runs than the usual one.
    @Test func `A change of one thing makes another block`() throws {
        let wanted = ProcessInfo.processInfo.environment["GATEWAY_TEST_MUTATIONS"].flatMap(Int.init) ?? 300
        var random = SeededGenerator(seed: 22)
        var (mutations, shared) = (0, 0)
        while mutations < wanted {
            let model = MutableModel(layers: Int.random(in: 2...4, using: &random), using: &random)
            let own = try ids(model)
            var seen = [own: "nothing"]
            for _ in 0..<20 {
                var mutant = model
                guard let what = mutant.mutate(using: &random) else { continue }
                mutations += 1
                let found = try ids(mutant)
                let before = seen[found]
                #expect(before == nil || before == what, "\(what) is the same as \(before ?? "")")
                seen[found] = what
                if !Set(found).isDisjoint(with: own) { shared += 1 }
            }
        }
        // What was not changed is still shared, or nothing would have been shown.
        #expect(shared * 4 > mutations, "\(shared) of \(mutations)")
    }

    @Test func `The same operator of opsets that give it different meanings is another block`() throws {
        func softmax(_ opset: Int64) throws -> [BlockID] {
            var builder = ModelBuilder(inputs: ["x@-1,4,4"], outputs: ["y@-1,4,4"], shape: [-1, 4, 4])
            builder.proto.opsetImport[0].version = opset
            builder.layer("x@-1,4,4", "a@-1,4,4", seed: 1)
            builder.add("Softmax", ["a@-1,4,4"], ["y@-1,4,4"], attributes: [ModelBuilder.attribute("axis", 1)])
            return try builder.plan(NamedShapes()).steps.map(\.id)
        }
        #expect(try softmax(11) == softmax(12))
        #expect(try softmax(12) != softmax(13))
    }

    @Test func `A change of the shape that requests may have makes another block`() throws {
        func model(_ shape: [Int]) throws -> [BlockID] {
            var builder = ModelBuilder(inputs: ["x"], outputs: ["y"], shape: shape)
            builder.layer("x", "a", seed: 1)
            builder.add("Relu", ["a"], ["y"])
            let type = TensorSpecification(name: "", datatype: .float32, shape: shape)
            return try builder.plan(TypeTable(standard: type)).steps.map(\.id)
        }
        #expect(try model([-1, 4, 4]) != model([-1, 5, 4]))
        #expect(try model([-1, 4, 4]) != model([-1, 4, -1]))
    }
}
