import TestSupport

@testable import ModelCatalog

/// Random graphs with what cutting has to get right: skips, several inputs and outputs, shared weights, constants,
/// dead nodes, optional inputs that are left out, captures.
struct RandomModels {
    private var random: SeededGenerator
    private var builder: ModelBuilder
    private var values: [String]
    private var nextName = 0

    static func model(seed: UInt64) -> ModelBuilder {
        var maker = RandomModels(seed: seed)
        return maker.make()
    }

    private init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let inputs = Bool.random(using: &random) ? ["x"] : ["x", "z"]
        builder = ModelBuilder(inputs: inputs, outputs: [])
        values = inputs
    }

    private mutating func make() -> ModelBuilder {
        builder.weights("shared", [7, 8, 9, 10])
        builder.weights("unused", [0])
        builder.add("Transpose", ["shared"], ["derived"])
        for _ in 0..<Int.random(in: 3...20, using: &random) { addNode() }
        var outputs = Set([values.last ?? "x"])
        for _ in 0..<Int.random(in: 0...2, using: &random) { outputs.insert(pick(reach: 12)) }
        outputs.subtract(["x", "z"])
        if outputs.isEmpty { outputs = [write("Relu", ["x"])] }
        builder.proto.graph.output = outputs.sorted().map { ModelBuilder.value($0) }
        builder.proto.graph.node.shuffle(using: &random)
        return builder
    }

    /// Mostly recent values, so that chains with cut points come up, at times with a longer skip.
    private mutating func pick(reach: Int) -> String {
        let back = Int.random(in: 0...4, using: &random) == 0 ? reach : 1
        return values[max(0, values.count - Int.random(in: 1...back, using: &random))]
    }

    private mutating func addNode() {
        let value = pick(reach: 4)
        switch Int.random(in: 0..<9, using: &random) {
        case 0...3:
            let weights = "w\(nextName)"
            builder.weights(weights, [Float(Int.random(in: 0..<5, using: &random))])
            _ = write("MatMul", [value, weights])
        case 4: _ = write("Relu", [value])
        case 5: _ = write("Add", [value, pick(reach: 6)])
        case 6: _ = write("MatMul", [value, Bool.random(using: &random) ? "shared" : "derived"])
        case 7: _ = write("Clip", [value, "", pick(reach: 3)])
        default: addControlFlow(on: value)
        }
    }

    private mutating func addControlFlow(on value: String) {
        let local = "local\(nextName)"
        var branch = ModelBuilder.graph(inputs: [], outputs: [local])
        branch.initializer = [ModelBuilder.tensor("\(local)_weights", [1, 2])]
        branch.node = [
            ModelBuilder.node("Add", ["\(local)_sum", "shared"], [local]),
            ModelBuilder.node("MatMul", [pick(reach: 5), "\(local)_weights"], ["\(local)_sum"]),
        ]
        _ = write("If", [value], [ModelBuilder.attribute("then_branch", branch)])
    }

    private mutating func write(
        _ operation: String,
        _ inputs: [String],
        _ attributes: [Onnx_AttributeProto] = []
    ) -> String {
        let name = "value\(nextName)"
        nextName += 1
        builder.add(operation, inputs, [name], attributes: attributes)
        values.append(name)
        return name
    }
}
