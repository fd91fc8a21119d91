import Foundation
public import ServingCore

/// How ONNX Runtime is found and what it may use.
public struct ONNXConfiguration: Hashable, Sendable {
    /// The library file; nil searches the places named in ``ONNXLibrary``.
    public var libraryPath: String?
    /// How many threads work on one operator, the calling one included; 0 for one per core.
    public var threadCount: Int

    /// ``threadCount``, or the cores this process may use.
    var effectiveThreadCount: Int { threadCount > 0 ? threadCount : ProcessInfo.processInfo.activeProcessorCount }

    /// How much memory of tensors between operators is kept for those of the next run.
    public var keptTensors: ByteCount

    /// Whether weights are used where they lie in their files, mapped and locked, where the process may do that.
    public var mapsWeights: Bool

    /// What a batch of eight images takes in a ResNet-50.
    public static let defaultKeptTensors = ByteCount(128 << 20)

    /// How much nicer the threads of the pool are than the thread that opens the engine; see `ThreadNiceness`.
    public var niceness: Int

    /// Enough for threads that wait for a request to come before those that compute.
    public static let defaultNiceness = 5

    /// Makes a configuration.
    public init(
        libraryPath: String? = nil,
        threadCount: Int = 0,
        keptTensors: ByteCount = Self.defaultKeptTensors,
        mapsWeights: Bool = true,
        niceness: Int = Self.defaultNiceness
    ) {
        self.libraryPath = libraryPath
        self.threadCount = threadCount
        self.keptTensors = keptTensors
        self.mapsWeights = mapsWeights
        self.niceness = niceness
    }
}
