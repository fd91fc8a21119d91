internal import BandwidthAllocation
internal import Dispatching
internal import HTTPTransport
internal import ServingCore
private import Synchronization

/// Looks at all uploads at intervals, learns the links of their devices, and tells the dispatcher how far they are.
///
/// Has one thread, which sleeps while nothing is uploaded.
final class UplinkMonitor: Sendable {
    private struct Watched {
        var upload: ObservedUpload
        let exchange: HTTPExchange
        var received = 0
    }
    private struct State {
        var uploads: [RequestID: Watched] = [:]
        var links: LinkTable<String>
        /// Bytes all uploads together were seen to receive.
        var total = 0
        /// Most uploads fell short of their shares at the last look: it is the shared uplink that limits them, not their own links.
        var isCrowded = false
    }

    private let settings: GatewayConfiguration.Uplink
    private let clock: @Sendable () -> MonotonicInstant
    private let alarm: AlarmThread
    private let state: Mutex<State>

    /// The quantile of a link that shows what it does at its best: a device is given up only if even that is too slow.
    private static let bestQuantile = 0.9

    init(_ settings: GatewayConfiguration.Uplink, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.settings = settings
        self.clock = clock
        alarm = AlarmThread(clock: clock)
        var learning = LinkEstimator.Configuration()
        learning.memory = settings.linkMemory
        state = Mutex(State(links: LinkTable(capacity: settings.maximumDevices, configuration: learning)))
    }

    /// What the uplink carries together, in bytes per second; infinite where nobody said.
    private var capacity: Double {
        let perHertz = settings.defaultSpectralEfficiency.rawValue
        let rate = settings.bitsPerSecond?.rawValue ?? settings.hertz.map { $0.rawValue * perHertz }
        return (rate ?? .infinity) / 8
    }

    /// Starts the thread; `shares` gets what each device is granted, in bit/s, after each look.
    func start(loop: DispatchLoop, shares: @escaping @Sendable ([String: BitsPerSecond]) -> Void) {
        alarm.start(name: "uplink") { [self] in look(loop, shares) }
    }

    /// Ends the thread.
    func stop() { alarm.stop() }

    /// What a device's link is planned with; nil where too little is known.
    func linkRate(of device: String) -> BitsPerSecond? {
        guard settings.learnsLinks else { return nil }
        return state.withLock { $0.links.rate(of: device, quantile: settings.linkQuantile, at: clock()) }
    }

    /// Looks after an upload from now on.
    func watch(_ id: RequestID, on exchange: HTTPExchange) {
        let upload = ObservedUpload(id: id, device: exchange.head.remoteAddress)
        let isFirst = state.withLock {
            $0.uploads[id] = Watched(upload: upload, exchange: exchange)
            return $0.uploads.count == 1
        }
        if isFirst { alarm.ring(at: clock().advanced(by: settings.observationInterval)) }
    }

    /// Forgets an upload: it is complete, or its request is over.
    func forget(_ id: RequestID) {
        _ = state.withLock { $0.uploads.removeValue(forKey: id) }
    }

    private func look(_ loop: DispatchLoop, _ tell: @Sendable ([String: BitsPerSecond]) -> Void) {
        var reports: [UploadReport] = []
        var shares: [String: BitsPerSecond] = [:]
        state.withLock { state in
            reports.reserveCapacity(state.uploads.count)
            var short = 0
            let devices = Dictionary(state.uploads.values.map { ($0.upload.device, 1) }, uniquingKeysWith: +)
            for id in state.uploads.keys {
                guard let (report, device, rate) = look(at: id, devices, &state) else { continue }
                reports.append(report)
                if !report.isHeld { short += 1 }
                if let rate { shares[device] = BitsPerSecond((shares[device]?.rawValue ?? 0) + rate.rawValue) }
            }
            state.isCrowded = short >= 2 && 2 * short > reports.count
        }
        tell(shares)
        guard !reports.isEmpty else { return }
        alarm.ring(at: clock().advanced(by: settings.observationInterval))
        loop.handle(.uploadsProgressed(reports))
    }

    private func look(
        at id: RequestID,
        _ uploadsOfDevices: [String: Int],
        _ state: inout State
    ) -> (report: UploadReport, device: String, rate: BitsPerSecond?)? {
        guard let exchange = state.uploads[id]?.exchange else { return nil }
        let device = exchange.head.remoteAddress
        let progress = exchange.uploadProgress
        let arrived = progress.receivedBytes + progress.bufferedBytes
        state.total += max(arrived - (state.uploads[id]?.received ?? 0), 0)
        state.uploads[id]?.received = arrived
        let seen = state.uploads[id]?.upload.observe(
            progress,
            total: state.total,
            capacity: state.isCrowded ? 0 : capacity,
            isAlone: uploadsOfDevices[device] == 1
        )
        guard let seen else { return nil }
        if let sample = seen.sample {
            state.links.observe(
                device,
                bytes: sample.bytes,
                over: sample.span,
                isLinkLimited: sample.isLinkLimited,
                at: progress.instant
            )
        }
        let best = state.links.rate(of: device, quantile: Self.bestQuantile, at: progress.instant)
        let report = UploadReport(
            id: id,
            receivedBytes: ByteCount(arrived),
            isHeld: seen.isHeld,
            linkRate: settings.learnsLinks ? best : nil
        )
        return (report, device, progress.rate)
    }
}
