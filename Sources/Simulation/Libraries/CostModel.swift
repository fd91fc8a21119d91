/// What loading a block and running a batch takes: a calibration of the real engine, or stated constants.
public struct CostModel: Hashable, Sendable {
    /// Where the numbers are from, for the report.
    public var source: String
    /// Seconds each block's load takes, however small the block.
    public var loadSecondsPerBlock: Double
    /// Bytes per second from host storage to accelerator memory.
    public var loadBytesPerSecond: Double
    /// Seconds each block adds to a batch, however small the batch.
    public var batchSecondsPerBlock: Double
    /// Multiply-accumulates per second of one request's inference.
    public var operationsPerSecond: Double

    /// Makes one.
    public init(
        source: String,
        loadSecondsPerBlock: Double,
        loadBytesPerSecond: Double,
        batchSecondsPerBlock: Double,
        operationsPerSecond: Double
    ) {
        self.source = source
        self.loadSecondsPerBlock = loadSecondsPerBlock
        self.loadBytesPerSecond = loadBytesPerSecond
        self.batchSecondsPerBlock = batchSecondsPerBlock
        self.operationsPerSecond = operationsPerSecond
    }

    /// Constants for an edge GPU, stated and not measured: see the article.
    public static let stated = CostModel(
        source: "stated constants",
        loadSecondsPerBlock: 0.0002,
        loadBytesPerSecond: 1e9,
        batchSecondsPerBlock: 0.0002,
        operationsPerSecond: 2e12
    )

    /// Seconds to load a block of `bytes`.
    public func loadSeconds(bytes: Int) -> Double {
        loadSecondsPerBlock + Double(bytes) / loadBytesPerSecond
    }

    /// Seconds a request adds to a batch of a model with `operations` multiply-accumulates.
    public func itemSeconds(operations: Double) -> Double { operations / operationsPerSecond }

    /// Seconds every batch of a model with `blocks` blocks takes.
    public func baseSeconds(blocks: Int) -> Double { batchSecondsPerBlock * Double(blocks) }

    /// One line for people.
    public var summary: String {
        func milliseconds(_ seconds: Double) -> String { "\((seconds * 1e6).rounded() / 1e3) ms" }
        return "a load \(milliseconds(loadSecondsPerBlock)) and \((loadBytesPerSecond / 1e6).rounded()) MB/s, "
            + "a batch \(milliseconds(batchSecondsPerBlock)) a block and "
            + "\((operationsPerSecond / 1e8).rounded() / 10) billion operations/s"
    }
}
