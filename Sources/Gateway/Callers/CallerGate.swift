internal import AdmissionControl
internal import HTTPTransport
internal import MetricsExposition
internal import ServingCore
private import Synchronization

/// Lets each caller in as its key and its quota allow: at the head, before any byte of a body.
final class CallerGate: Sendable {
    /// Whose quota a request is taken from.
    enum Caller: Hashable, Sendable {
        /// The holder of a key.
        case holder(String)
        /// The subject of a client's certificate, where no keys are configured and one is asked for.
        case certificate(String)
        /// Whoever sends from this address, where no keys are configured.
        case address(String)

        /// The sender of a request without a key: the holder of the client's certificate, or else an address.
        static func keyless(_ head: RequestHead) -> Caller {
            head.clientSubject.map { .certificate($0) } ?? .address(head.remoteAddress)
        }

        /// What metrics call it; addresses have no end.
        var label: String {
            switch self {
            case .holder(let name): name
            case .certificate: "certificate"
            case .address: "address"
            }
        }
    }

    /// What is checked; replaced as a whole.
    private final class Rules: Sendable {
        let directory: CallerDirectory
        let settings: GatewayConfiguration.Callers

        init(_ directory: CallerDirectory, _ settings: GatewayConfiguration.Callers) {
            self.directory = directory
            self.settings = settings
        }

        /// Whether there is nothing to check.
        var isOff: Bool { directory.keys.isEmpty && settings.limits.isUnlimited }
    }

    private let rules: Mutex<Rules>
    private let quotas: Mutex<CallerQuotas<Caller>>
    private let metrics: CallerMetrics

    init(_ directory: CallerDirectory, _ settings: GatewayConfiguration.Callers, _ metrics: CallerMetrics) {
        rules = Mutex(Rules(directory, settings))
        self.metrics = metrics
        quotas = Mutex(CallerQuotas(limits: settings.limits, maximumCallers: settings.maximumCallers))
    }

    /// Checks by other keys and quotas from `now` on; requests already admitted stay.
    func replace(
        _ directory: CallerDirectory,
        _ settings: GatewayConfiguration.Callers,
        at now: MonotonicInstant
    ) {
        let changesQuotas = rules.withLock { rules in
            defer { rules = Rules(directory, settings) }
            return rules.settings.limits != settings.limits || rules.settings.maximumCallers != settings.maximumCallers
        }
        guard changesQuotas else { return }
        quotas.withLock { $0.change(limits: settings.limits, maximumCallers: settings.maximumCallers, at: now) }
    }

    /// How many keys there are.
    var keyCount: Int { current.directory.keys.count }

    private var current: Rules { rules.withLock { $0 } }

    /// Checks the caller's key.
    ///
    /// - Throws: ``ServingError/Code/unauthorized`` without a key that is known, ``ServingError/Code/forbidden`` with one
    ///   that is not good for this.
    func check(_ request: OperationRequest) throws(ServingError) {
        let rules = current
        guard !rules.isOff else { return }
        _ = try identify(request, by: rules)
    }

    /// Whether a caller may see what was decided on a request of `owner`: its own, or with the scope `admin` everybody's.
    func maySee(requestOf owner: String?, _ request: OperationRequest) -> Bool {
        guard !current.directory.keys.isEmpty else { return true }
        guard let key = request.key else { return false }
        return key.scopes.contains(.admin) || key.name == owner
    }

    /// Checks the caller's key and takes an inference request from its quota; ``leave(_:unusedBytes:)`` gives its place back.
    /// Says who the caller is.
    ///
    /// - Throws: as ``check(_:)``; ``ServingError/Code/quotaExceeded`` where the quota is used up.
    func enter(_ request: OperationRequest, at now: MonotonicInstant) throws(ServingError) -> Caller {
        let rules = current
        guard !rules.isOff else { return .keyless(request.head) }
        let caller = try identify(request, by: rules)
        let bytes = request.head.contentLength ?? 0
        if !rules.settings.limits.isUnlimited {
            if let exceeded = quotas.withLock({ $0.admit(caller, bytes: bytes, at: now) }) {
                metrics.count(caller.label, .quota)
                throw .exceeded(exceeded)
            }
            request.quotaHolder = caller
        }
        metrics.count(caller.label, .accepted)
        return caller
    }

    /// A request is over, or was refused before its body; only the first time counts.
    func leave(_ request: OperationRequest, unusedBytes: Int = 0) {
        guard let caller = request.takeQuotaHolder() else { return }
        quotas.withLock { $0.release(caller, unusedBytes: unusedBytes) }
    }

    private func identify(_ request: OperationRequest, by rules: Rules) throws(ServingError) -> Caller {
        guard !rules.directory.keys.isEmpty else { return .keyless(request.head) }
        let access = rules.settings.access(to: request.operationID)
        guard let key = rules.directory.key(authorization: request.head.headers.all("Authorization")) else {
            // Whoever needs no key may have one that is wrong.
            if access == .open { return .keyless(request.head) }
            metrics.count("unknown", .unauthorized)
            throw ServingError(.unauthorized, "this needs a key: Authorization: Bearer KEY", field: "Authorization")
        }
        if case .scope(let scope) = access, !key.scopes.contains(scope) {
            metrics.count(key.name, .forbidden)
            throw ServingError(.forbidden, "the key of \(key.name) is not good for '\(scope.rawValue)'")
        }
        request.key = key
        return .holder(key.name)
    }
}

extension ServingError {
    /// The refusal of a caller that has used up its quota.
    fileprivate static func exceeded(_ quota: CallerQuota) -> ServingError {
        let what =
            switch quota.unit {
            case .requests: "requests a second"
            case .contentBytes: "body bytes a second"
            case .concurrentRequests: "requests at once"
            }
        var error = ServingError(.quotaExceeded, "the caller's quota of \(what) is used up", retryAfter: quota.reset)
        error.callerQuota = quota
        return error
    }
}
