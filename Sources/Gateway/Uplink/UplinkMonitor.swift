internal import BandwidthAllocation
internal import Dispatching
internal import HTTPTransport
internal import ServingCore
private import Synchronization

/// Looks at all uploads at intervals, learns the links of their devices, and tells the dispatcher how far they are.
///
/// Has one thread, which sleeps while nothing is uploaded.
final class UplinkMonitor: Sendable {
    /// Tells how far an upload is; called with nothing locked, as it asks the system.
    typealias Progress = @Sendable () -> UploadProgress

    private struct Watched {
        var upload: ObservedUpload
        let progress: Progress
        let since: MonotonicInstant
        var received = 0
    }
    private struct State {
        var uploads: [RequestID: Watched] = [:]
        var links: LinkTable<String>
        /// Bytes all uploads together were seen to receive.
        var total = 0
        /// Most uploads fell short of their shares at the last look: it is the shared uplink that limits them, not their own links.
        var isCrowded = false

        mutating func note(_ sample: ObservedUpload.LinkSample, of device: String, at now: MonotonicInstant) {
            links.observe(device, bytes: sample.bytes, over: sample.span, isLinkLimited: sample.isLinkLimited, at: now)
        }
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
    ///
    /// Where nobody paces uploads, a rate is assumed of links that are not known: one that was seen to do better counts with that.
    func linkRate(of device: String) -> BitsPerSecond? {
        guard settings.learnsLinks else { return nil }
        let now = clock()
        return state.withLock { state in
            guard state.links.count > 0 else { return nil }
            if let rate = state.links.rate(of: device, quantile: settings.linkQuantile, at: now) { return rate }
            guard capacity == .infinity, let reached = state.links.reachedRate(of: device, at: now) else { return nil }
            return reached.rawValue > settings.assumedLinkRate.rawValue ? reached : nil
        }
    }

    /// Looks after an upload from now on.
    func watch(_ id: RequestID, on exchange: HTTPExchange) {
        watch(id, of: exchange.head.remoteAddress) { exchange.uploadProgress }
    }

    /// The same for an upload of `device`, of which `progress` tells how far it is.
    func watch(_ id: RequestID, of device: String, progress: @escaping Progress) {
        let now = clock()
        let upload = ObservedUpload(id: id, device: device)
        let isFirst = state.withLock {
            $0.uploads[id] = Watched(upload: upload, progress: progress, since: now)
            return $0.uploads.count == 1
        }
        if isFirst { alarm.ring(at: now.advanced(by: settings.observationInterval)) }
    }

    /// Forgets an upload: its request is over.
    func forget(_ id: RequestID) {
        _ = state.withLock { $0.uploads.removeValue(forKey: id) }
    }

    /// Forgets an upload whose `bytes` are all here, and learns from how quickly they came.
    func finish(_ id: RequestID, bytes: Int) {
        guard ObservedUpload.showsLink(bytes) else { return forget(id) }
        let now = clock()
        state.withLock { state in
            guard let watched = state.uploads.removeValue(forKey: id),
                let sample = ObservedUpload.lowerBound(bytes: bytes, span: watched.since.duration(to: now))
            else { return }
            state.note(sample, of: watched.upload.device, at: now)
        }
    }

    /// Looks at all uploads once, and says what was seen.
    func look(_ tell: @Sendable ([String: BitsPerSecond]) -> Void) -> [UploadReport] {
        // How far an upload is takes locks and system calls: heads do not wait for them.
        let watched = state.withLock { state in state.uploads.map { ($0.key, $0.value.progress) } }
        let seen = watched.map { ($0.0, $0.1()) }
        let (reports, shares) = state.withLock { book(seen, &$0) }
        tell(shares)
        return reports
    }

    private func look(_ loop: DispatchLoop, _ tell: @Sendable ([String: BitsPerSecond]) -> Void) {
        let reports = look(tell)
        guard !reports.isEmpty else { return }
        alarm.ring(at: clock().advanced(by: settings.observationInterval))
        loop.handle(.uploadsProgressed(reports))
    }

    private func book(
        _ seen: [(RequestID, UploadProgress)],
        _ state: inout State
    ) -> (reports: [UploadReport], shares: [String: BitsPerSecond]) {
        var reports: [UploadReport] = []
        var shares: [String: BitsPerSecond] = [:]
        reports.reserveCapacity(seen.count)
        var short = 0
        let devices = Dictionary(state.uploads.values.map { ($0.upload.device, 1) }, uniquingKeysWith: +)
        for (id, progress) in seen {
            guard let (report, device) = book(progress, of: id, devices, &state) else { continue }
            reports.append(report)
            if !report.isHeld { short += 1 }
            guard let rate = progress.rate else { continue }
            shares[device] = BitsPerSecond((shares[device]?.rawValue ?? 0) + rate.rawValue)
        }
        state.isCrowded = short >= 2 && 2 * short > reports.count
        return (reports, shares)
    }

    /// Notes how far one upload is, unless it ended meanwhile.
    private func book(
        _ progress: UploadProgress,
        of id: RequestID,
        _ uploadsOfDevices: [String: Int],
        _ state: inout State
    ) -> (report: UploadReport, device: String)? {
        guard var watched = state.uploads[id] else { return nil }
        let device = watched.upload.device
        let arrived = progress.receivedBytes + progress.bufferedBytes
        state.total += max(arrived - watched.received, 0)
        watched.received = arrived
        let seen = watched.upload.observe(
            progress,
            total: state.total,
            capacity: state.isCrowded ? 0 : capacity,
            isAlone: uploadsOfDevices[device] == 1
        )
        state.uploads[id] = watched
        if let sample = seen.sample { state.note(sample, of: device, at: progress.instant) }
        let best = state.links.rate(of: device, quantile: Self.bestQuantile, at: progress.instant)
        let report = UploadReport(
            id: id,
            receivedBytes: ByteCount(arrived),
            isHeld: seen.isHeld,
            linkRate: settings.learnsLinks ? best : nil
        )
        return (report, device)
    }
}
