import FoundationEssentials
public import ServingCore
import SwiftProtobuf

/// A model some of whose inputs and outputs are images in the blocked layout, as ONNX Runtime optimises it best.
///
/// In the model as it is put together, each blocked input is converted to the plain layout first, and each blocked output
/// from it last. ONNX Runtime does not see that what follows converts back. So it is given the model with an operator in
/// the place of each conversion that it moves to the blocked layout together with its neighbours (`MaxPool` over single
/// elements); when it has optimised that, the stand-ins and the conversions outside of them are taken out.
public struct BlockedModel {
    private static let domain = "com.microsoft.nchwc"
    private let proto: Onnx_ModelProto
    private let inputs: [String]
    private let outputs: [String]

    /// Reads a model; nil where none of its edges is blocked.
    public init?(_ bytes: ByteRegion) {
        guard let proto = bytes.withUnsafeBytes({ try? Onnx_ModelProto(serializedBytes: Data($0)) }),
            proto.opsetImport.contains(where: { $0.domain == Self.domain })
        else { return nil }
        let nodes = proto.graph.node.filter { $0.domain == Self.domain }
        let (given, wanted) = (Set(proto.graph.input.map(\.name)), Set(proto.graph.output.map(\.name)))
        inputs = nodes.filter { $0.opType == "ReorderOutput" }.flatMap(\.input).filter(given.contains)
        outputs = nodes.filter { $0.opType == "ReorderInput" }.flatMap(\.output).filter(wanted.contains)
        self.proto = proto
        guard !inputs.isEmpty || !outputs.isEmpty else { return nil }
    }

    /// The model with stand-ins; nil where it cannot be written down.
    public func withStandIns() -> ByteRegion? {
        var model = proto
        for index in model.graph.node.indices where model.graph.node[index].domain == Self.domain {
            model.graph.node[index].opType = "MaxPool"
            model.graph.node[index].domain = ""
            var kernel = Onnx_AttributeProto()
            kernel.name = "kernel_shape"
            kernel.type = .ints
            kernel.ints = [1, 1]
            model.graph.node[index].attribute = [kernel]
        }
        model.opsetImport.removeAll { $0.domain == Self.domain }
        return (try? model.serializedData()).map { ByteRegion(copying: $0) }
    }

    /// `optimised`, which ONNX Runtime made of ``withStandIns()``, without them and with its ``ResidualStreams`` open; nil
    /// where it treated one otherwise.
    public func removingStandIns(from optimised: ByteRegion) -> ByteRegion? {
        guard var model = optimised.withUnsafeBytes({ try? Onnx_ModelProto(serializedBytes: Data($0)) }) else {
            return nil
        }
        for name in inputs { guard model.graph.openInput(name) else { return nil } }
        for name in outputs { guard model.graph.openOutput(name) else { return nil } }
        model.graph.valueInfo = []
        model.openResidualStreams()
        return (try? model.serializedData()).map { ByteRegion(copying: $0) }
    }

    /// A model that only a runtime with the blocked layout loads.
    public static var probe: [UInt8] {
        var model = Onnx_ModelProto()
        model.irVersion = 8
        var set = Onnx_OperatorSetIdProto()
        set.version = 17
        model.opsetImport = [set]
        model.graph.name = "probe"
        let image = TensorSpecification(name: "", datatype: .float32, shape: [1, 16, 1, 1])
        model.graph.input = [Onnx_ValueInfoProto(image, named: "i0")]
        model.graph.output = [Onnx_ValueInfoProto(image, named: "o0")]
        var relu = Onnx_NodeProto()
        relu.opType = "Relu"
        (relu.input, relu.output) = (["i0"], ["o0"])
        model.graph.node = [relu]
        var layout = LoadingUnit.Layout()
        (layout.inputs, layout.outputs) = ([0: 16], [0: 16])
        model.block(layout)
        return (try? model.serializedBytes()) ?? []
    }
}

extension Onnx_ModelProto {
    /// Converts the inputs and outputs that `layout` names, `i<place>` and `o<place>`, from and to the blocked layout.
    mutating func block(_ layout: LoadingUnit.Layout) {
        guard layout != LoadingUnit.Layout() else { return }
        var set = Onnx_OperatorSetIdProto()
        (set.domain, set.version) = ("com.microsoft.nchwc", 1)
        opsetImport.append(set)
        for place in layout.outputs.keys.sorted() {
            graph.rename("o\(place)", to: "o\(place)_plain")
            graph.node.append(.conversion("ReorderInput", from: "o\(place)_plain", to: "o\(place)", channels: nil))
        }
        for (place, channels) in layout.inputs.sorted(by: { $0.key < $1.key }) {
            graph.rename("i\(place)", to: "i\(place)_plain")
            let node = Onnx_NodeProto.conversion(
                "ReorderOutput",
                from: "i\(place)",
                to: "i\(place)_plain",
                channels: channels
            )
            graph.node.insert(node, at: 0)
        }
    }
}

extension Onnx_ValueInfoProto {
    fileprivate var namesDimensions: Bool {
        guard case .tensorType(let tensor)? = type.value else { return false }
        return tensor.shape.dim.contains { if case .dimParam? = $0.value { true } else { false } }
    }
}

extension Onnx_NodeProto {
    fileprivate static func conversion(_ type: String, from: String, to: String, channels: Int?) -> Onnx_NodeProto {
        var node = Onnx_NodeProto()
        (node.opType, node.domain) = (type, "com.microsoft.nchwc")
        (node.input, node.output) = ([from], [to])
        if let channels {
            var attribute = Onnx_AttributeProto()
            (attribute.name, attribute.type, attribute.i) = ("channels", .int, Int64(channels))
            node.attribute = [attribute]
        }
        return node
    }

    /// Whether it is the stand-in, moved to the blocked layout and joined with nothing.
    fileprivate var isBlockedStandIn: Bool {
        let kernel = attribute.first { $0.name == "kernel_shape" }
        return opType == "MaxPool" && domain == "com.microsoft.nchwc" && kernel?.ints == [1, 1] && input.count == 1
    }
}

extension Onnx_GraphProto {
    /// Gives each input's dimensions that vary a name of their own: only then does ONNX Runtime see that two tensors are of
    /// one size, and that one can be written where the other lay. A graph that names some, as its author wrote it, stays.
    mutating func nameDimensions() {
        guard !input.contains(where: \.namesDimensions) else { return }
        for place in input.indices {
            guard case .tensorType(var tensor)? = input[place].type.value else { continue }
            for axis in tensor.shape.dim.indices where tensor.shape.dim[axis].value == nil {
                tensor.shape.dim[axis].dimParam = "\(input[place].name)_\(axis)"
            }
            input[place].type.tensorType = tensor
        }
    }

    /// What reads and writes `old` reads and writes `new`; subgraphs included, inputs and outputs of the graph not.
    fileprivate mutating func rename(_ old: String, to new: String) {
        for index in node.indices { node[index].rename(old, to: new) }
    }

    /// Takes `ReorderInput` and the stand-in behind the input `name` out.
    fileprivate mutating func openInput(_ name: String) -> Bool {
        guard let conversion = onlyReader(of: name), node[conversion].opType == "ReorderInput",
            let output = node[conversion].output.first, let standIn = onlyReader(of: output),
            node[standIn].isBlockedStandIn, let blocked = node[standIn].output.first
        else { return false }
        for index in [conversion, standIn].sorted(by: >) { node.remove(at: index) }
        rename(blocked, to: name)
        return true
    }

    /// Takes the stand-in and `ReorderOutput` before the output `name` out.
    fileprivate mutating func openOutput(_ name: String) -> Bool {
        guard let conversion = writer(of: name), node[conversion].opType == "ReorderOutput",
            let output = node[conversion].input.first, let standIn = writer(of: output), onlyReader(of: output) != nil,
            node[standIn].isBlockedStandIn, let blocked = node[standIn].input.first, writer(of: blocked) != nil,
            !self.output.contains(where: { $0.name == blocked })
        else { return false }
        for index in [conversion, standIn].sorted(by: >) { node.remove(at: index) }
        rename(blocked, to: name)
        return true
    }

    private func writer(of name: String) -> Int? { node.firstIndex { $0.output.contains(name) } }

    private func onlyReader(of name: String) -> Int? {
        let readers = node.indices.filter { ((try? node[$0].reads()) ?? []).contains(name) }
        return readers.count == 1 && !output.contains { $0.name == name } ? readers[0] : nil
    }
}

extension Onnx_NodeProto {
    fileprivate mutating func rename(_ old: String, to new: String) {
        for index in input.indices where input[index] == old { input[index] = new }
        for index in output.indices where output[index] == old { output[index] = new }
        for index in attribute.indices {
            if attribute[index].hasG { attribute[index].g.rename(old, to: new) }
            for graph in attribute[index].graphs.indices { attribute[index].graphs[graph].rename(old, to: new) }
        }
    }
}
