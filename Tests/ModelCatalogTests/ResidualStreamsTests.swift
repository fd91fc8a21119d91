import ServingCore
import Testing

@testable import ModelCatalog

/// Which sums can lie where their addend lay.
struct ResidualStreamsTests {
    private static let blocked = "com.microsoft.nchwc"

    /// `inputs`: image, weights, bias, and what the result is added to.
    private static func convolution(_ inputs: [String], _ output: String) -> Onnx_NodeProto {
        ModelBuilder.node("Conv", inputs, [output], domain: blocked)
    }

    private static func graph(_ nodes: [Onnx_NodeProto], output: String = "o0") -> Onnx_GraphProto {
        var graph = ModelBuilder.graph(inputs: ["i0"], outputs: [output], shape: [-1, 16, 4, 4])
        graph.node = nodes
        return graph
    }

    /// Two residual blocks.
    private static let two = [
        convolution(["i0", "w", "b"], "a"), convolution(["a", "w", "b", "i0"], "s"),
        convolution(["s", "w", "b"], "c"), convolution(["c", "w", "b", "s"], "o0"),
    ]

    @Test func `An input, the sums on it and the output lie in one place`() {
        let found = ResidualStreams(Self.graph(Self.two))
        #expect(found.streams == [.init(input: "i0", outputs: ["s", "o0"])])
        #expect(found.outputCount == 1)
    }

    @Test func `What is made inside lies where the output does`() {
        let nodes = [
            Self.convolution(["i0", "w", "b"], "d"), Self.convolution(["i0", "w", "b"], "a"),
            Self.convolution(["a", "w", "b", "d"], "o0"),
        ]
        #expect(ResidualStreams(Self.graph(nodes)).streams == [.init(input: nil, outputs: ["d", "o0"])])
        let unknown = nodes + [ModelBuilder.node("NonZero", ["i0"], ["n"])]
        #expect(ResidualStreams(Self.graph(unknown)).streams.isEmpty)
    }

    @Test func `An addend that somebody reads later, or hands on, stays where it is`() {
        let later = [
            Self.convolution(["i0", "w", "b"], "a"), Self.convolution(["a", "w", "b", "i0"], "s"),
            Self.convolution(["i0", "w", "b"], "c"), Self.convolution(["c", "w", "b", "s"], "o0"),
        ]
        // Nothing says that the second to read i0 has done so when s is written.
        #expect(!ResidualStreams(Self.graph(later)).streams.contains { $0.input == "i0" })
        var handed = Self.graph(Self.two)
        handed.output.append(ModelBuilder.value("s"))
        #expect(ResidualStreams(handed).streams == [.init(input: "i0", outputs: ["s"])])
        let viewed = Self.two + [ModelBuilder.node("Identity", ["i0"], ["v"])]
        #expect(!ResidualStreams(Self.graph(viewed)).streams.contains { $0.input == "i0" })
        let itself = [Self.convolution(["i0", "w", "b", "i0"], "o0")]
        #expect(ResidualStreams(Self.graph(itself)).streams.isEmpty)
    }

    @Test func `Two sums on one addend do not both take its place`() {
        let nodes = [
            Self.convolution(["i0", "w", "b"], "a"), Self.convolution(["a", "w", "b", "i0"], "s"),
            Self.convolution(["a", "w", "b", "i0"], "t"), Self.convolution(["s", "w", "b", "t"], "o0"),
        ]
        #expect(!ResidualStreams(Self.graph(nodes)).streams.contains { $0.input == "i0" })
    }

    @Test func `All values of a stream become outputs behind the model's own, and the metadata says which`() throws {
        var model = Onnx_ModelProto()
        model.graph = Self.graph(Self.two)
        model.openResidualStreams()
        #expect(model.graph.output.map(\.name) == ["o0", "s"])
        let entry = try #require(model.metadataProps.first { $0.key == ResidualStreams.key })
        #expect(ResidualStreams(text: entry.value) == ResidualStreams(Self.graph(Self.two)))
        #expect(ResidualStreams(text: "") == nil && ResidualStreams(text: "x\n") == nil)
        var plain = Onnx_ModelProto()
        plain.graph = Self.graph([ModelBuilder.node("Relu", ["i0"], ["o0"])])
        plain.openResidualStreams()
        #expect(plain.metadataProps.isEmpty && plain.graph.output.count == 1)
    }
}
