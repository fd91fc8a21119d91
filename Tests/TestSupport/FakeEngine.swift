public import ModelServing
public import ServingCore
import Synchronization

/// An engine without a runtime: its blocks change bytes in a way that shows which block saw which bytes, and it keeps
/// account of what is in memory.
public final class FakeEngine: InferenceEngine {
    /// What a fake block does.
    public enum Effect: Sendable {
        /// Output i is input i with this number added to each byte (of strings: to each byte of content).
        case add(UInt8)
        /// Every run fails.
        case fail(ServingError)
        /// As `add(0)`, but a run on a tensor that holds this byte fails.
        case refuse(UInt8, ServingError)
        /// As `add(0)`, but the last row is missing.
        case dropLastRow
        /// As `add(0)`, but with another datatype.
        case retype(TensorDatatype)
    }

    /// What the engine knows of one block.
    public struct Plan: Sendable {
        /// What the block does.
        public var effect: Effect
        /// What it turns out to take in memory.
        public var size: ByteCount
        /// Why it cannot be loaded, where it cannot.
        public var loadError: ServingError?

        /// Makes a plan.
        public init(_ effect: Effect = .add(0), size: ByteCount = 0, loadError: ServingError? = nil) {
            self.effect = effect
            self.size = size
            self.loadError = loadError
        }
    }

    /// What the engine has seen so far.
    public struct Log: Sendable {
        /// The blocks it was asked to load, in order, with their files.
        public var loads: [(id: BlockID, file: String)] = []
        /// The shapes of the first input of each run, in order.
        public var runs: [[Int]] = []
        /// The bytes of all blocks that somebody refers to now.
        public var liveBytes = ByteCount.zero
        /// The most that `liveBytes` ever was.
        public var peakBytes = ByteCount.zero
    }

    /// What the engine is called.
    public let name = "fake"
    /// Its version.
    public let version = "1.0"
    private let plans: [BlockID: Plan]
    private let seen = Mutex(Log())

    /// Makes an engine that knows `plans`; any other block adds nothing and takes nothing.
    public init(_ plans: [BlockID: Plan] = [:]) {
        self.plans = plans
    }

    /// What it has seen so far.
    public var log: Log { seen.withLock { $0 } }

    /// Loads a block, or fails as its plan says.
    public func load(block id: BlockID, from file: String) throws(ServingError) -> any LoadedBlock {
        seen.withLock { $0.loads.append((id, file)) }
        let plan = plans[id] ?? Plan()
        if let error = plan.loadError { throw error }
        note(bytes: plan.size)
        return FakeBlock(plan, engine: self)
    }

    /// Wraps a tensor.
    public func makeTensor(_ tensor: Tensor) throws(ServingError) -> any EngineTensor {
        FakeTensor(datatype: tensor.datatype, shape: tensor.shape, data: tensor.data)
    }

    /// A block came into memory, or left it.
    func note(bytes: ByteCount) {
        seen.withLock { log in
            log.liveBytes += bytes
            log.peakBytes = max(log.peakBytes, log.liveBytes)
        }
    }

    /// A block ran.
    func noteRun(_ shape: [Int]) { seen.withLock { $0.runs.append(shape) } }
}
