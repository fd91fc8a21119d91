public import JSONCoding

/// One model's part of the answer to `GET /v2/models/{m}/stats` (statistics extension).
public struct ModelStatistics: Hashable, Sendable, JSONWritable {
    /// How often something happened, and how long it took in all.
    public struct Tally: Hashable, Sendable {
        /// How often.
        public var count: UInt64
        /// How long in all, in nanoseconds.
        public var nanoseconds: UInt64

        /// Makes a tally.
        public init(count: UInt64 = 0, nanoseconds: UInt64 = 0) {
            self.count = count
            self.nanoseconds = nanoseconds
        }
    }

    /// What happened with batches of one size.
    public struct Batch: Hashable, Sendable {
        /// How many inferences were in each: rows of all its requests together.
        public var size: Int
        /// Preparing the inputs.
        public var computeInput = Tally()
        /// Running the model.
        public var computeInfer = Tally()
        /// Taking the outputs.
        public var computeOutput = Tally()

        /// Makes statistics of batches of `size`.
        public init(size: Int) {
            self.size = size
        }
    }

    /// Memory a model takes.
    public struct Memory: Hashable, Sendable {
        /// The kind of memory: `CPU`, `GPU`.
        public var type: String
        /// The device's number.
        public var device: Int
        /// How many bytes.
        public var byteCount: Int

        /// Makes a statement.
        public init(type: String, device: Int = 0, byteCount: Int) {
            self.type = type
            self.device = device
            self.byteCount = byteCount
        }
    }

    /// The model's name.
    public var name: String
    /// The model's version.
    public var version: Int
    /// When the last request ended, in milliseconds of the Unix epoch; 0 before the first.
    public var lastInference: UInt64 = 0
    /// Inferences done: each row of a request counts as one.
    public var inferenceCount: UInt64 = 0
    /// Runs of the model.
    public var executionCount: UInt64 = 0
    /// Requests answered.
    public var success = Tally()
    /// Requests failed.
    public var fail = Tally()
    /// Waiting.
    public var queue = Tally()
    /// Preparing the inputs.
    public var computeInput = Tally()
    /// Running the model.
    public var computeInfer = Tally()
    /// Taking the outputs.
    public var computeOutput = Tally()
    /// By batch size.
    public var batches: [Batch] = []
    /// By memory.
    public var memory: [Memory] = []

    /// Makes statistics of a model nothing has happened with.
    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }
}
