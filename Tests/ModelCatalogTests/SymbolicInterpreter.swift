import Crypto
import FoundationEssentials
import ServingCore
import SwiftProtobuf

@testable import ModelCatalog

/// Runs models on symbols: what a node gives is a digest of its operator, its attributes and what it was given.
///
/// Two models that give the same digests for the same inputs calculate the same, whatever the operators do.
enum SymbolicInterpreter {
    struct Failure: Error {
        let message: String
    }

    /// The outputs of a model, by position, for `inputs` in the order of its inputs without default.
    static func run(_ data: Data, inputs: [String]) throws -> [String] {
        let model = try ONNXModel(data, named: "block")
        guard model.inputs.count == inputs.count else { throw Failure(message: "\(inputs.count) inputs") }
        var values = Dictionary(uniqueKeysWithValues: zip(model.inputs.map(\.name), inputs))
        return try run(model.proto.graph, &values)
    }

    /// The outputs of a stored model: its blocks one after the other, through the slots.
    static func run(_ model: ServableModel, inputs: [String], block: (BlockID) throws -> Data) throws -> [String] {
        var slots = [String?](repeating: nil, count: model.slotCount)
        for (slot, input) in inputs.enumerated() { slots[slot] = input }
        for step in model.steps {
            let given = step.inputSlots.compactMap { slots[$0] }
            guard given.count == step.inputSlots.count else { throw Failure(message: "a slot is read too early") }
            let outputs = try run(block(step.block.id), inputs: given)
            guard outputs.count == step.outputSlots.count else { throw Failure(message: "outputs do not fit") }
            for (slot, output) in zip(step.outputSlots, outputs) { slots[slot] = output }
        }
        return model.outputSlots.map { slots[$0] ?? "empty" }
    }

    private static func run(_ graph: Onnx_GraphProto, _ values: inout [String: String]) throws -> [String] {
        for tensor in graph.initializer { values[tensor.name] = try digest(of: tensor) }
        // Files may list nodes in any order here, so that the tests can.
        var pending = graph.node
        while !pending.isEmpty {
            let ready = pending.filter { node in node.readsAll(in: values) }
            guard !ready.isEmpty else { throw Failure(message: "a node waits for a value nobody writes") }
            pending.removeAll { node in node.readsAll(in: values) }
            for node in ready { try run(node, &values) }
        }
        return try graph.output.map { output in
            guard let value = values[output.name] else { throw Failure(message: "no \(output.name)") }
            return value
        }
    }

    private static func run(_ node: Onnx_NodeProto, _ values: inout [String: String]) throws {
        var parts = node.input.map { $0.isEmpty ? "-" : values[$0] ?? "?" }
        // Whose operands commute.
        if ["Add", "Mul"].contains(node.opType), node.canonicalDomain.isEmpty, parts.count == 2 { parts.sort() }
        for attribute in node.sortedAttributes where attribute.hasG {
            var inner = values
            for input in attribute.g.input { inner[input.name] = "\(attribute.name) \(input.name.isEmpty)" }
            parts += try run(attribute.g, &inner)
        }
        if let constant = node.constantTensor {
            values[node.output[0]] = try digest(of: constant)
            return
        }
        let plain = node.sortedAttributes.filter { !$0.hasG }.map { "\($0.name)=\($0.i)" }
        let what = ([node.opType, node.canonicalDomain] + plain + parts).joined(separator: "|")
        for (index, output) in node.output.enumerated() where !output.isEmpty {
            values[output] = digest("\(what)#\(index)")
        }
    }

    private static func digest(of tensor: Onnx_TensorProto) throws -> String {
        digest(try tensor.dense().serializedData())
    }

    private static func digest(_ text: String) -> String { digest(Data(text.utf8)) }

    private static func digest(_ data: Data) -> String { SHA256.hash(data: data).hexadecimal }
}

extension Onnx_NodeProto {
    fileprivate func readsAll(in values: [String: String]) -> Bool {
        ((try? reads()) ?? []).allSatisfy { values[$0] != nil }
    }
}
