/// Makes a ``CostModel`` of measurements: straight lines through them by least squares.
public struct CostFit: Sendable {
    private var loads: [(bytes: Double, seconds: Double)] = []
    private var batches: [(blocks: Double, base: Double)] = []
    private var items: [(operations: Double, seconds: Double)] = []

    /// Makes one without measurements.
    public init() {}

    /// Takes in what a block's load took.
    public mutating func observeLoad(bytes: Int, seconds: Double) {
        loads.append((Double(bytes), seconds))
    }

    /// Takes in what a model takes that has `blocks` blocks and `operations` multiply-accumulates for one request.
    public mutating func observeCompute(blocks: Int, operations: Int, baseSeconds: Double, itemSeconds: Double) {
        batches.append((Double(blocks), baseSeconds))
        items.append((Double(operations), itemSeconds))
    }

    /// The costs that fit best; nil where there are fewer than two loads of different sizes, or no model.
    public func costs(source: String) -> CostModel? {
        guard let line = loadLine, !items.isEmpty else { return nil }
        let perBlock = Self.slope(batches.map { ($0.blocks, $0.base) })
        let perOperation = Self.slope(items.map { ($0.operations, $0.seconds) })
        guard perOperation > 0 else { return nil }
        return CostModel(
            source: source,
            loadSecondsPerBlock: line.offset,
            loadBytesPerSecond: 1 / line.slope,
            batchSecondsPerBlock: perBlock,
            operationsPerSecond: 1 / perOperation
        )
    }

    /// Seconds of a load as offset and slope over its bytes; the offset is not below 0.
    private var loadLine: (offset: Double, slope: Double)? {
        guard !loads.isEmpty else { return nil }
        let count = Double(loads.count)
        let mean = (
            bytes: loads.reduce(0) { $0 + $1.bytes } / count, seconds: loads.reduce(0) { $0 + $1.seconds } / count
        )
        let variance = loads.reduce(0) { $0 + ($1.bytes - mean.bytes) * ($1.bytes - mean.bytes) }
        guard variance > 0 else { return nil }
        let covariance = loads.reduce(0) { $0 + ($1.bytes - mean.bytes) * ($1.seconds - mean.seconds) }
        let slope = covariance / variance
        let offset = mean.seconds - slope * mean.bytes
        if slope > 0, offset >= 0 { return (offset, slope) }
        let through = Self.slope(loads.map { ($0.bytes, $0.seconds) })
        return through > 0 ? (0, through) : nil
    }

    /// The slope of the line through the origin.
    private static func slope(_ points: [(Double, Double)]) -> Double {
        let squares = points.reduce(0) { $0 + $1.0 * $1.0 }
        return squares > 0 ? max(points.reduce(0) { $0 + $1.0 * $1.1 } / squares, 0) : 0
    }
}
