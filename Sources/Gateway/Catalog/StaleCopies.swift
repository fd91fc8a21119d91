internal import ONNXEngine

/// Which compiled copies this program will not use any more on this machine, for collections.
public struct StaleCopies {
    private let engine: ONNXEngine?

    /// Opens ONNX Runtime; where its library cannot be used, only copies of earlier formats count.
    public init(configuration: GatewayConfiguration) {
        engine = try? ONNXEngine(configuration.onnxConfiguration)
    }

    /// Whether copies under `key` are stale.
    public func contains(_ key: String) -> Bool { ONNXEngine.isStale(compilationKey: key, beside: engine) }
}
