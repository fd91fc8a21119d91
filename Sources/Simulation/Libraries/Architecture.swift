/// A network as a chain of blocks, each with what it stores and what it computes.
public struct Architecture: Hashable, Sendable {
    /// A block of the chain.
    public struct Block: Hashable, Sendable {
        /// Weights that are trained.
        public var parameters = 0
        /// Numbers that are stored beside them: running means and variances.
        public var buffers = 0
        /// Multiply-accumulates for one request.
        public var operations = 0

        /// Bytes in float32.
        public var bytes: Int { 4 * (parameters + buffers) }
    }

    /// Its name: `resnet18`.
    public var name: String
    /// Its blocks, in the order they run; the last is the head, which each task has for itself.
    public var blocks: [Block]

    /// All weights that are trained.
    public var parameters: Int { blocks.reduce(0) { $0 + $1.parameters } }
    /// Multiply-accumulates for one request.
    public var operations: Int { blocks.reduce(0) { $0 + $1.operations } }
    /// Bytes in float32.
    public var bytes: Int { blocks.reduce(0) { $0 + $1.bytes } }
}

extension Architecture.Block {
    /// A convolution without bias, followed by batch normalisation; `side` is the height and width of what comes out.
    mutating func addConvolution(from input: Int, to output: Int, kernel: Int, side: Int) {
        let weights = input * output * kernel * kernel
        parameters += weights + 2 * output
        buffers += 2 * output
        operations += weights * side * side
    }

    /// A fully connected layer with bias, applied to `tokens` vectors.
    mutating func addLinear(from input: Int, to output: Int, tokens: Int = 1) {
        parameters += input * output + output
        operations += input * output * tokens
    }

    /// Layer normalisation of vectors of `width`.
    mutating func addLayerNormalisation(_ width: Int) {
        parameters += 2 * width
    }
}
