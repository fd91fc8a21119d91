/// The layers of a residual network as torchvision defines them (He et al., "Deep Residual Learning", table 1).
///
/// The form is that of an exported model: batch normalisation is folded into the convolution before it, which has a
/// bias instead. In the bottleneck the 3x3 convolution has the stride.
struct ResNetArchitecture {
    /// A layer with weights.
    struct Layer: Hashable {
        /// The name its weights carry.
        let name: String
        /// The weight's dimensions: output channels first.
        let shape: [Int]
        /// How many numbers each output adds up.
        let fanIn: Int
        /// A factor on the weights: small at the end of each branch, so that activations stay finite.
        let gain: Float

        /// Bytes of weight and bias.
        var byteCount: Int { (shape.reduce(1, *) + shape[0]) * 4 }
    }

    /// The depths there are.
    static let depths = [18, 34, 50]

    /// How many layers deep it is.
    let depth: Int
    /// Channels of the first stage; 64 in the real networks.
    let width: Int
    /// Height and width of the image.
    let imageSize: Int
    /// How many classes it tells apart.
    let classCount: Int
    /// Its layers, from the input up.
    private(set) var layers: [Layer] = []
    /// Its graph, without weights.
    private(set) var graph = Onnx_GraphProto()

    /// Builds the network; nil for a depth there is not.
    init?(depth: Int, width: Int, imageSize: Int, classCount: Int = 1000) {
        guard let blocks = [18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3]][depth] else { return nil }
        self.depth = depth
        self.width = width
        self.imageSize = imageSize
        self.classCount = classCount
        graph.name = "resnet\(depth)"
        graph.input = [Self.value("image", [3, imageSize, imageSize])]
        graph.output = [Self.value("logits", [classCount])]
        build(blocks)
    }

    /// The layers by the residual block they belong to, from the input up; stem and classifier are by themselves.
    var residualBlocks: [[Layer]] {
        var blocks: [[Layer]] = []
        var last = ""
        for layer in layers {
            let name = layer.name.split(separator: ".").prefix(2).joined(separator: ".")
            if name == last { blocks[blocks.count - 1].append(layer) } else { blocks.append([layer]) }
            last = name
        }
        return blocks
    }

    private mutating func build(_ blocks: [Int]) {
        var value = relu(convolution("stem", "image", from: 3, to: width, kernel: 7, stride: 2))
        value = node(
            "MaxPool",
            [value],
            [.ints("kernel_shape", [3, 3]), .ints("pads", [1, 1, 1, 1]), .ints("strides", [2, 2])]
        )
        var channels = width
        let expansion = depth == 50 ? 4 : 1
        for (stage, count) in blocks.enumerated() {
            for block in 0..<count {
                let stride = stage > 0 && block == 0 ? 2 : 1
                let name = "stage\(stage + 1).block\(block + 1)"
                let inner = width << stage
                value = residual(name, value, from: channels, inner: inner, expansion: expansion, stride: stride)
                channels = inner * expansion
            }
        }
        value = node("GlobalAveragePool", [value], [])
        value = node("Flatten", [value], [])
        addLayer("classifier", shape: [classCount, channels], fanIn: channels, gain: 0.5)
        var gemm = Onnx_NodeProto()
        gemm.opType = "Gemm"
        gemm.input = [value, "classifier.weight", "classifier.bias"]
        gemm.output = ["logits"]
        gemm.attribute = [.int("transB", 1)]
        graph.node.append(gemm)
    }

    private mutating func residual(
        _ name: String,
        _ input: String,
        from channels: Int,
        inner: Int,
        expansion: Int,
        stride: Int
    ) -> String {
        var value: String
        let output = inner * expansion
        if expansion > 1 {
            value = relu(convolution("\(name).conv1", input, from: channels, to: inner, kernel: 1, stride: 1))
            value = relu(convolution("\(name).conv2", value, from: inner, to: inner, kernel: 3, stride: stride))
            value = convolution("\(name).conv3", value, from: inner, to: output, kernel: 1, stride: 1, gain: 0.3)
        } else {
            value = relu(convolution("\(name).conv1", input, from: channels, to: inner, kernel: 3, stride: stride))
            value = convolution("\(name).conv2", value, from: inner, to: output, kernel: 3, stride: 1, gain: 0.3)
        }
        let isSameShape = stride == 1 && channels == output
        let shortcut =
            isSameShape
            ? input : convolution("\(name).shortcut", input, from: channels, to: output, kernel: 1, stride: stride)
        return relu(node("Add", [value, shortcut], []))
    }

    private mutating func convolution(
        _ name: String,
        _ input: String,
        from channels: Int,
        to output: Int,
        kernel: Int,
        stride: Int,
        gain: Float = 1
    ) -> String {
        let fanIn = channels * kernel * kernel
        addLayer(name, shape: [output, channels, kernel, kernel], fanIn: fanIn, gain: gain)
        let padding = Int64(kernel / 2)
        return node(
            "Conv",
            [input, "\(name).weight", "\(name).bias"],
            [
                .ints("kernel_shape", [Int64(kernel), Int64(kernel)]),
                .ints("pads", [padding, padding, padding, padding]), .ints("strides", [Int64(stride), Int64(stride)]),
            ]
        )
    }

    private mutating func relu(_ input: String) -> String { node("Relu", [input], []) }

    private mutating func node(_ type: String, _ inputs: [String], _ attributes: [Onnx_AttributeProto]) -> String {
        var node = Onnx_NodeProto()
        node.opType = type
        node.input = inputs
        node.output = ["value\(graph.node.count)"]
        node.attribute = attributes
        graph.node.append(node)
        return node.output[0]
    }

    private mutating func addLayer(_ name: String, shape: [Int], fanIn: Int, gain: Float) {
        layers.append(Layer(name: name, shape: shape, fanIn: fanIn, gain: gain))
    }

    /// A batch of tensors of these dimensions.
    private static func value(_ name: String, _ dimensions: [Int]) -> Onnx_ValueInfoProto {
        var value = Onnx_ValueInfoProto()
        value.name = name
        var tensor = Onnx_TypeProto.Tensor()
        tensor.elemType = Int32(Onnx_TensorProto.DataType.float.rawValue)
        var batch = Onnx_TensorShapeProto.Dimension()
        batch.dimParam = "batch"
        tensor.shape.dim = [batch]
        for extent in dimensions {
            var dimension = Onnx_TensorShapeProto.Dimension()
            dimension.dimValue = Int64(extent)
            tensor.shape.dim.append(dimension)
        }
        value.type.tensorType = tensor
        return value
    }
}

extension Onnx_AttributeProto {
    fileprivate static func ints(_ name: String, _ values: [Int64]) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .ints
        attribute.ints = values
        return attribute
    }

    fileprivate static func int(_ name: String, _ value: Int64) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        attribute.type = .int
        attribute.i = value
        return attribute
    }
}
