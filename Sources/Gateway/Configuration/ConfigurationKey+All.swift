private import AdmissionControl
private import Dispatching
internal import HTTPTransport
private import LoadScheduling
private import ServingCore

extension ConfigurationKey {
    /// Every key there is, in the order of `gateway.example.yaml`.
    public static let all: [ConfigurationKey] =
        server + limits + tls + shutdown + requests + memoryAndUplink + links + mec + engine + scheduling + callers
        + dryRun
        + operations

    private static let large = 1 << 50

    private static let server: [ConfigurationKey] = [
        .text("server.host") { $0.server.host = $1 },
        .integer("server.port", 0...65535) { $0.server.port = $1 },
        .integer("server.threads", 1...256) { $0.server.threadCount = $1 },
        ConfigurationKey(path: "server.cors_origins") { (configuration, text) throws(ConfigurationError) in
            guard CrossOriginRule.isValid(text) else {
                let problem = "needs origins such as https://console.example, or *, found '\(text)'"
                throw ConfigurationError(key: "server.cors_origins", problem: problem)
            }
            configuration.crossOrigins = CrossOriginRule(text)
        },
        .integer("server.max_connections", 1...1_000_000) { $0.server.connectionLimit = $1 },
    ]

    private static let limits: [ConfigurationKey] = [
        .integer("server.max_body_bytes", 1...large) { $0.server.maximumBodyBytes = $1 },
        .integer("server.max_headers", 1...1024) { $0.server.maximumHeaderCount = $1 },
        .integer("server.max_header_bytes", 256...(1 << 20)) { $0.server.maximumHeaderBytes = $1 },
        .integer("server.max_target_bytes", 64...(1 << 20)) { $0.server.maximumTargetBytes = $1 },
        .milliseconds("server.head_deadline_ms") { $0.server.headDeadline = $1 },
        .milliseconds("server.idle_timeout_ms") { $0.server.idleTimeout = $1 },
        .integer("server.min_body_bytes_per_second", 0...large) { $0.server.minimumBodyRate = $1 },
        .milliseconds("server.body_grace_ms") { $0.server.bodyGrace = $1 },
        .integer("server.answer_stall_ms", 100...86_400_000) { $0.server.answerStallTime = .milliseconds($1) },
        .integer("server.connection_memory_bytes", 4096...(1 << 30)) { $0.server.connectionMemoryBytes = $1 },
        .integer("server.receive_buffer_bytes", 0...(1 << 30)) { $0.server.receiveBufferBytes = $1 },
        .milliseconds("server.linger_ms") { $0.server.lingerTime = $1 },
        .integer("server.linger_bytes", 0...large) { $0.server.lingerBytes = $1 },
        .integer("server.linger_connections", 0...65536) { $0.server.lingerConnections = $1 },
        .integer("server.pacing_tick_ms", 1...1000) { $0.server.pacingTick = .milliseconds($1) },
        .integer("server.reaping_tick_ms", 1...10_000) { $0.server.reapingTick = .milliseconds($1) },
        .choice("server.aborts_on_half_close", ["true", "false"]) { $0.server.abortsOnHalfClose = $1 == "true" },
    ]

    private static let tls: [ConfigurationKey] = [
        .text("tls.certificate") { $0.tls.certificate = $1 },
        .text("tls.key") { $0.tls.key = $1 },
        .text("tls.client_ca") { $0.tls.clientCA = $1 },
        .milliseconds("tls.check_interval_ms") { $0.tls.checkInterval = $1 },
    ]

    private static let shutdown: [ConfigurationKey] = [
        .milliseconds("shutdown.drain_delay_ms") { $0.shutdown.drainDelay = $1 },
        .milliseconds("shutdown.grace_ms") { $0.shutdown.grace = $1 },
    ]

    private static let requests: [ConfigurationKey] = [
        .integer("requests.default_timeout_ms", 1...86_400_000) { $0.requests.defaultTimeout = .milliseconds($1) },
        .integer("requests.max_timeout_ms", 1...86_400_000) { $0.requests.maximumTimeout = .milliseconds($1) },
        .integer("requests.max_json_bytes", 2...large) { $0.requests.maximumJSONBytes = ByteCount($1) },
        .integer("requests.max_json_nodes", 1...1_000_000_000) { $0.requests.maximumJSONNodes = $1 },
        .integer("requests.max_queued", 1...10_000_000) { $0.requests.maximumQueued = $1 },
        .integer("requests.max_body_memory_bytes", 1...large) { $0.requests.maximumBodyMemory = ByteCount($1) },
        .integer("requests.max_answer_memory_bytes", 1...large) { $0.requests.maximumAnswerMemory = ByteCount($1) },
        .number("requests.caller_memory_part", 0.001...1) { $0.requests.callerMemoryPart = $1 },
        .integer("requests.kept_decisions", 1...1_000_000) { $0.requests.keptDecisions = $1 },
    ]

    private static let memoryAndUplink: [ConfigurationKey] = [
        .integer("memory.bytes", 1...large) { $0.memory = ByteCount($1) },
        .number("uplink.hz", 1...1e15) { $0.uplink.hertz = Hertz($1) },
        .number("uplink.bits_per_second", 1...1e15) { $0.uplink.bitsPerSecond = BitsPerSecond($1) },
        .number("uplink.default_spectral_efficiency", 0.001...1000) {
            $0.uplink.defaultSpectralEfficiency = SpectralEfficiency(rawValue: $1)
        },
        .number("uplink.assumed_link_bits_per_second", 1...1e15) { $0.uplink.assumedLinkRate = BitsPerSecond($1) },
    ]

    private static let links: [ConfigurationKey] = [
        .choice("uplink.allocation", ["constant", "varying"]) {
            $0.uplink.sharing = EdgeServer.Shares(rawValue: $1) ?? $0.uplink.sharing
        },
        .number("uplink.headroom", 0...0.9) { $0.uplink.headroom = $1 },
        .milliseconds("uplink.reserve_ms") { $0.uplink.reserve = $1 },
        .choice("uplink.capacity", ["configured", "learned"]) { $0.uplink.learnsCapacity = $1 == "learned" },
        .choice("uplink.learn_links", ["true", "false"]) { $0.uplink.learnsLinks = $1 == "true" },
        .number("uplink.link_quantile", 0...1) { $0.uplink.linkQuantile = $1 },
        .milliseconds("uplink.link_memory_ms") { $0.uplink.linkMemory = $1 },
        .integer("uplink.max_devices", 1...10_000_000) { $0.uplink.maximumDevices = $1 },
        .integer("uplink.observation_ms", 5...10_000) { $0.uplink.observationInterval = .milliseconds($1) },
        .milliseconds("uplink.stall_ms") { $0.uplink.stallTime = $1 },
    ]

    private static let mec: [ConfigurationKey] = [
        .text("uplink.mec.url") { $0.uplink.mec.url = $1 },
        .text("uplink.mec.app_instance_id") { $0.uplink.mec.applicationInstance = $1 },
        .integer("uplink.mec.interval_ms", 10...3_600_000) { $0.uplink.mec.interval = .milliseconds($1) },
        .integer("uplink.mec.timeout_ms", 1...60_000) { $0.uplink.mec.timeout = .milliseconds($1) },
        .integer("uplink.mec.max_back_off_ms", 10...3_600_000) { $0.uplink.mec.longestBackOff = .milliseconds($1) },
        .integer("uplink.mec.max_allocations", 1...1_000_000) { $0.uplink.mec.maximumAllocations = $1 },
    ]

    private static let engine: [ConfigurationKey] = [
        .text("engine.library") { $0.engine.library = $1 },
        .integer("engine.lanes", 0...LaneChoice.most) { $0.engine.lanes = $1 },
        .integer("engine.threads", 0...1024) { $0.engine.threads = $1 },
        .integer("engine.niceness", 0...19) { $0.engine.niceness = $1 },
        .integer("engine.kept_tensor_bytes", 0...1 << 40) { $0.engine.keptTensors = ByteCount($1) },
        .choice("engine.weights", ["map", "copy"]) { $0.engine.mapsWeights = $1 == "map" },
        .integer("engine.run_memory_bytes", 1...large) { $0.engine.runMemory = ByteCount($1) },
        .milliseconds("engine.overrun_ms") { $0.engine.overrun = $1 },
        .milliseconds("engine.calibration_budget_ms") { $0.engine.calibrationBudget = $1 },
        .choice("engine.reserve_memory", ["true", "false"]) { $0.engine.reservesMemory = $1 == "true" },
    ]

    private static let scheduling: [ConfigurationKey] = [
        .choice("scheduling.policy", SchedulingPolicy.allCases.map(\.rawValue)) {
            $0.scheduling.policy = SchedulingPolicy(rawValue: $1) ?? $0.scheduling.policy
        },
        .choice("scheduling.mode", AdmissionMode.allCases.map(\.rawValue)) {
            $0.scheduling.mode = AdmissionMode(rawValue: $1) ?? $0.scheduling.mode
        },
        .number("scheduling.overload_load_spacing", 0...1000) { $0.scheduling.overloadLoadSpacing = $1 },
        .number("scheduling.overload_fair_part", 0...1) { $0.scheduling.overloadFairPart = $1 },
        .milliseconds("scheduling.batching_window_ms") { $0.scheduling.batchingWindow = $1 },
        .choice("scheduling.run_expired", ["true", "false"]) { $0.scheduling.runsExpired = $1 == "true" },
        .integer("scheduling.max_batch_size", 1...65536) { $0.scheduling.maximumBatchSize = $1 },
        .integer("scheduling.max_batch_rows", 1...large) { $0.scheduling.maximumBatchRows = $1 },
        .integer("scheduling.planning_budget_ms", 1...60_000) {
            $0.scheduling.planningBudget = .milliseconds($1)
        },
        .number("scheduling.planning_share", 0.001...1) { $0.scheduling.planningShare = $1 },
        .number("scheduling.margin_quantile", 0...1) { $0.scheduling.marginQuantile = $1 },
        .number("scheduling.assumed_load_bytes_per_second", 1...1e15) {
            $0.scheduling.assumedLoadRate = BitsPerSecond($1 * 8)
        },
        .milliseconds("scheduling.slack_ms") { $0.scheduling.slack = $1 },
    ]

    private static let callers: [ConfigurationKey] = [
        .text("callers.keys") { $0.callers.keys = $1 },
        .text("callers.key_file") { $0.callers.keyFile = $1 },
        .choice("callers.protect_reading", ["true", "false"]) { $0.callers.protectsReading = $1 == "true" },
        .choice("callers.protect_repository", ["true", "false"]) { $0.callers.protectsRepository = $1 == "true" },
        .number("callers.requests_per_second", 0...1e9) { $0.callers.limits.requestsPerSecond = $1 > 0 ? $1 : nil },
        .number("callers.bytes_per_second", 0...1e15) { $0.callers.limits.bytesPerSecond = $1 > 0 ? $1 : nil },
        .integer("callers.concurrent_requests", 0...1_000_000) {
            $0.callers.limits.concurrentRequests = $1 > 0 ? $1 : nil
        },
        .integer("callers.burst_ms", 1...3_600_000) { $0.callers.limits.burst = .milliseconds($1) },
        .integer("callers.max_callers", 1...10_000_000) { $0.callers.maximumCallers = $1 },
    ]

    private static let dryRun: [ConfigurationKey] = [
        .integer("dry_run.max_body_bytes", 2...(1 << 28)) { $0.dryRun.maximumBodyBytes = ByteCount($1) },
        .integer("dry_run.max_requests", 1...100_000) { $0.dryRun.maximumRequests = $1 },
        .integer("dry_run.budget_ms", 1...60_000) { $0.dryRun.budget = .milliseconds($1) },
        .integer("dry_run.max_waiting", 1...10_000) { $0.dryRun.maximumWaiting = $1 },
    ]

    private static let operations: [ConfigurationKey] = [
        .text("store") { $0.store = $1 },
        .choice("log.format", LogFormat.allCases.map(\.rawValue)) {
            $0.logFormat = LogFormat(rawValue: $1) ?? $0.logFormat
        },
        .choice("log.level", ["trace", "debug", "info", "notice", "warning", "error", "critical"]) {
            $0.logLevel = $1
        },
    ]
}
