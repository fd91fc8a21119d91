public import ServingCore

/// How ONNX Runtime is found and what it may use.
public struct ONNXConfiguration: Hashable, Sendable {
    /// The library file; nil searches the places named in ``ONNXLibrary``.
    public var libraryPath: String?
    /// How many threads work on one operator, the calling one included; 0 for one per core.
    public var threadCount: Int

    /// How much memory of tensors between operators is kept for those of the next run.
    public var keptTensors: ByteCount

    /// What a batch of eight images takes in a ResNet-50.
    public static let defaultKeptTensors = ByteCount(128 << 20)

    /// Makes a configuration.
    public init(
        libraryPath: String? = nil,
        threadCount: Int = 0,
        keptTensors: ByteCount = Self.defaultKeptTensors
    ) {
        self.libraryPath = libraryPath
        self.threadCount = threadCount
        self.keptTensors = keptTensors
    }
}
