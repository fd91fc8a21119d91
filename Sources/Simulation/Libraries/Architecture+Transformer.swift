extension Architecture {
    /// ViT-B/16 (Dosovitskiy et al., table 1; shapes as in torchvision): 86.57 million parameters.
    public static let visionTransformer: Architecture = {
        let (width, tokens) = (768, 197)
        var embedding = Block()
        embedding.addLinear(from: 3 * 16 * 16, to: width, tokens: tokens - 1)
        // The class token and the positions.
        embedding.parameters += width + tokens * width
        var head = Block()
        head.addLayerNormalisation(width)
        head.addLinear(from: width, to: 1000)
        let layers = Array(repeating: encoder(width: width, tokens: tokens), count: 12)
        return Architecture(name: "vit-b-16", blocks: [embedding] + layers + [head])
    }()

    /// The two adapters of one layer (Houlsby et al., Parameter-Efficient Transfer Learning for NLP, section 2.1), 64 wide.
    public static let adapters: Block = {
        var block = Block()
        for _ in 0..<2 {
            block.addLinear(from: 768, to: 64, tokens: 197)
            block.addLinear(from: 64, to: 768, tokens: 197)
        }
        return block
    }()

    private static func encoder(width: Int, tokens: Int) -> Block {
        var block = Block()
        block.addLayerNormalisation(width)
        block.addLinear(from: width, to: 3 * width, tokens: tokens)
        block.addLinear(from: width, to: width, tokens: tokens)
        // Queries with keys, weights with values.
        block.operations += 2 * tokens * tokens * width
        block.addLayerNormalisation(width)
        block.addLinear(from: width, to: 4 * width, tokens: tokens)
        block.addLinear(from: 4 * width, to: width, tokens: tokens)
        return block
    }
}
