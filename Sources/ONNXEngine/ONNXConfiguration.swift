/// How ONNX Runtime is found and what it may use.
public struct ONNXConfiguration: Hashable, Sendable {
    /// The library file; nil searches the places named in ``ONNXLibrary``.
    public var libraryPath: String?
    /// How many threads work on one operator, the calling one included; 0 for one per core.
    public var threadCount: Int

    /// Makes a configuration.
    public init(libraryPath: String? = nil, threadCount: Int = 0) {
        self.libraryPath = libraryPath
        self.threadCount = threadCount
    }
}
