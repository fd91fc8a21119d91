public import Dispatching
public import HTTPTransport
public import LoadScheduling
public import ServingCore

/// Everything an operator can set; each value has a default, and `gateway.example.yaml` documents each key.
///
/// A flag wins over the environment, which wins over the file, which wins over the default.
public struct GatewayConfiguration: Sendable {
    /// The HTTP server and its limits.
    public var server = Self.server
    /// Whose pages may have browsers ask here.
    var crossOrigins = CrossOriginRule("")
    /// TLS, which the server speaks where a certificate is named.
    public var tls = TLS()
    /// How the server shuts down.
    public var shutdown = Shutdown()
    /// What one request may ask for.
    public var requests = Requests()
    /// The hard cap on parameter blocks in accelerator memory.
    public var memory = ByteCount(2 << 30)
    /// The shared uplink.
    public var uplink = Uplink()
    /// ONNX Runtime.
    public var engine = Engine()
    /// Planning and batching.
    public var scheduling = Scheduling()
    /// API keys and quotas.
    public var callers = Callers()
    /// `POST /v1/plan`.
    public var dryRun = DryRun()
    /// The folder of the block store.
    public var store = "store"
    /// How log lines are written.
    public var logFormat = LogFormat.text
    /// The least severe level that is logged.
    public var logLevel = "info"

    /// The defaults.
    public init() {}

    /// A client that waits and closes its side is taken to be gone, so that its work is dropped: inference clients do
    /// not half-close.
    private static var server: HTTPServerConfiguration {
        var server = HTTPServerConfiguration()
        server.abortsOnHalfClose = true
        return server
    }

    /// How the server shuts down on SIGTERM.
    public struct Shutdown: Sendable {
        /// How long new requests are still accepted and answered 503, so that nobody is cut off in the backlog.
        public var drainDelay: Duration = .milliseconds(300)
        /// How long admitted requests may take to finish.
        public var grace: Duration = .seconds(30)

        /// The defaults.
        public init() {}
    }

    /// What one request may ask for.
    public struct Requests: Sendable {
        /// The deadline of a request that names none.
        public var defaultTimeout: Duration = .seconds(10)
        /// The longest deadline; a longer one is cut to it.
        public var maximumTimeout: Duration = .seconds(600)
        /// How many bytes of JSON a body may hold.
        public var maximumJSONBytes = ByteCount(8 << 20)
        /// How many values the JSON of a body may hold, not counting arrays of numbers.
        public var maximumJSONNodes = 300_000
        /// How many admitted requests may be unfinished at once.
        public var maximumQueued = 4096
        /// How many bytes of bodies admitted requests may hold at once.
        public var maximumBodyMemory = ByteCount(1 << 30)
        /// How many bytes of answers clients may leave untaken at once.
        public var maximumAnswerMemory = ByteCount(1 << 30)
        /// The part of the memory for bodies, and of that for answers, that one caller may hold.
        public var callerMemoryPart = 0.5
        /// For how many requests that ended the decision can still be asked for.
        public var keptDecisions = 4096

        /// The defaults.
        public init() {}
    }

    /// The shared uplink: a bandwidth, a rate, or neither (uploads are then not held back).
    public struct Uplink: Sendable {
        /// The capacity as a bandwidth; devices differ in spectral efficiency.
        public var hertz: Hertz?
        /// The capacity as a rate; every device then counts as 1 bit/s/Hz.
        public var bitsPerSecond: BitsPerSecond?
        /// The spectral efficiency of a device that does not say its own.
        public var defaultSpectralEfficiency = SpectralEfficiency(rawValue: 4)
        /// The rate one device is taken to send at where no capacity is configured.
        public var assumedLinkRate = BitsPerSecond(100e6)
        /// Whether each upload keeps one share, or shares change over time: the most urgent upload first.
        public var sharing = EdgeServer.Shares.constant
        /// The part of the capacity that is shared out but never promised.
        public var headroom = 0.25
        /// How much earlier than it must each upload is planned to end, at most a fifth of its time.
        public var reserve: Duration = .milliseconds(50)
        /// Whether the capacity is learned, the configured one being its upper bound.
        public var learnsCapacity = false
        /// Whether the links of devices are learned and planned with.
        public var learnsLinks = true
        /// The part of what was seen of a link that is slower than what is planned with.
        public var linkQuantile = 0.25
        /// For how long what was seen of a link counts.
        public var linkMemory: Duration = .seconds(30)
        /// How many devices' links are remembered.
        public var maximumDevices = 4096
        /// How often uploads are looked at.
        public var observationInterval: Duration = .milliseconds(25)
        /// After how long without a byte an upload's share goes to others.
        public var stallTime: Duration = .milliseconds(250)
        /// Handing the shares to the network.
        public var mec = MEC()

        /// The defaults.
        public init() {}
    }

    /// ONNX Runtime.
    public struct Engine: Sendable {
        /// The path of its library; nil looks in the usual places.
        public var library: String?
        /// How many batches run at once; 0 takes as many as calibration found to serve most, else one per core.
        public var lanes = 0
        /// The threads one operator may use; 0 takes one per core.
        public var threads = 0
        /// How much nicer threads that compute, load and plan are than those that take requests and answer them.
        public var niceness = 5
        /// How much memory of tensors between operators is kept for those of the next run, beside the blocks'.
        public var keptTensors = ByteCount(128 << 20)
        /// What one run may take in memory, beside blocks; nil takes what the machine has left beside them, divided by one more than there are lanes.
        public var runMemory: ByteCount?
        /// How long a run may go on after the deadlines of all its requests, before it is ended.
        public var overrun: Duration = .seconds(1)
        /// How long the start may measure models that were never measured on this machine; 0 measures none.
        public var calibrationBudget: Duration = .seconds(2)
        /// Whether weights are used where they lie in their files, mapped and locked; else they are copied to memory.
        public var mapsWeights = true
        /// Whether memory for blocks is taken from the system at the start, as far as the served models can use it, and kept.
        public var reservesMemory = true

        /// The defaults.
        public init() {}
    }

    /// Planning and batching.
    public struct Scheduling: Sendable {
        /// How requests are taken in, ordered, and given memory.
        public var policy = SchedulingPolicy.partial
        /// What becomes of admission's verdict.
        public var mode = AdmissionMode.enforce
        /// How far apart, under overload, batches that need a load are opened; 0 turns that off.
        public var overloadLoadSpacing = 4.0
        /// Under overload, the part of the executor's time kept for requests that cost more than others; 1 takes in who comes first.
        public var overloadFairPart = 0.02
        /// How long the policy `lru` lets the first request of a batch wait for others.
        public var batchingWindow: Duration = .milliseconds(5)
        /// Whether the policies `lru` and `edf` also run what has expired while it waited.
        public var runsExpired = false
        /// The most requests in one batch.
        public var maximumBatchSize = 64
        /// The most rows that go through a model together; bounds the memory a run takes.
        public var maximumBatchRows = 16384
        /// How long the planner may look for a better order.
        public var planningBudget: Duration = .milliseconds(20)
        /// The part of one core the planner may take.
        public var planningShare = 0.03
        /// The part of loads and batches that is to take no longer than is planned with.
        public var marginQuantile = 0.9
        /// Seconds to load one byte before anything was measured, given as a rate.
        public var assumedLoadRate = BitsPerSecond(8e9)
        /// Time taken off each deadline for what is not estimated: parsing, writing, waking.
        public var slack: Duration = .milliseconds(1)

        /// The defaults.
        public init() {}
    }
}
