extension Architecture {
    /// ResNet-18 (He et al., Deep Residual Learning, table 1): 11.69 million parameters.
    public static let resnet18 = resnet("resnet18", depths: [2, 2, 2, 2], hasBottleneck: false)
    /// ResNet-34: 21.80 million parameters.
    public static let resnet34 = resnet("resnet34", depths: [3, 4, 6, 3], hasBottleneck: false)
    /// ResNet-50 with the stride in the 3x3 convolution, as torchvision has it: 25.56 million parameters.
    public static let resnet50 = resnet("resnet50", depths: [3, 4, 6, 3], hasBottleneck: true)

    /// Stem, residual blocks and head for images of 224 x 224 and 1,000 classes.
    private static func resnet(_ name: String, depths: [Int], hasBottleneck: Bool) -> Architecture {
        var stem = Block()
        stem.addConvolution(from: 3, to: 64, kernel: 7, side: 112)
        var blocks = [stem]
        var channels = 64
        for (stage, depth) in depths.enumerated() {
            let width = 64 << stage
            for index in 0..<depth {
                let isStrided = stage > 0 && index == 0
                let residual = Residual(input: channels, width: width, side: 56 >> stage, isStrided: isStrided)
                blocks.append(hasBottleneck ? residual.bottleneck() : residual.basic())
                channels = hasBottleneck ? 4 * width : width
            }
        }
        var head = Block()
        head.addLinear(from: channels, to: 1000)
        return Architecture(name: name, blocks: blocks + [head])
    }
}

/// A residual block's shape; `side` is the height and width of what comes out.
private struct Residual {
    var input: Int
    var width: Int
    var side: Int
    var isStrided: Bool

    func basic() -> Architecture.Block {
        var block = Architecture.Block()
        block.addConvolution(from: input, to: width, kernel: 3, side: side)
        block.addConvolution(from: width, to: width, kernel: 3, side: side)
        if input != width { block.addConvolution(from: input, to: width, kernel: 1, side: side) }
        return block
    }

    func bottleneck() -> Architecture.Block {
        var block = Architecture.Block()
        // The first convolution comes before the stride.
        block.addConvolution(from: input, to: width, kernel: 1, side: isStrided ? 2 * side : side)
        block.addConvolution(from: width, to: width, kernel: 3, side: side)
        block.addConvolution(from: width, to: 4 * width, kernel: 1, side: side)
        if input != 4 * width { block.addConvolution(from: input, to: 4 * width, kernel: 1, side: side) }
        return block
    }
}
