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
        /// Whoever sends from this address, where no keys are configured.
        case address(String)

        /// What metrics call it; addresses have no end.
        var label: String {
            switch self {
            case .holder(let name): name
            case .address: "address"
            }
        }
    }

    private let directory: CallerDirectory
    private let settings: GatewayConfiguration.Callers
    private let quotas: Mutex<CallerQuotas<Caller>>
    private let metrics: CallerMetrics

    init(_ directory: CallerDirectory, _ settings: GatewayConfiguration.Callers, _ metrics: CallerMetrics) {
        self.directory = directory
        self.settings = settings
        self.metrics = metrics
        quotas = Mutex(CallerQuotas(limits: settings.limits, maximumCallers: settings.maximumCallers))
    }

    /// Whether there is anything to check.
    private var isOff: Bool { directory.keys.isEmpty && settings.limits.isUnlimited }

    /// Checks the caller's key.
    ///
    /// - Throws: ``ServingError/Code/unauthorized`` without a key that is known, ``ServingError/Code/forbidden`` with one
    ///   that is not good for this.
    func check(_ request: OperationRequest) throws(ServingError) {
        guard !isOff else { return }
        _ = try identify(request)
    }

    /// Whether a caller may see what was decided on a request of `owner`: its own, or with the scope `admin` everybody's.
    func maySee(requestOf owner: String?, _ request: OperationRequest) -> Bool {
        guard !directory.keys.isEmpty else { return true }
        guard let key = request.key else { return false }
        return key.scopes.contains(.admin) || key.name == owner
    }

    /// Checks the caller's key and takes an inference request from its quota; ``leave(_:unusedBytes:)`` gives its place back.
    /// Says who the caller is.
    ///
    /// - Throws: as ``check(_:)``; ``ServingError/Code/quotaExceeded`` where the quota is used up.
    func enter(_ request: OperationRequest, at now: MonotonicInstant) throws(ServingError) -> Caller {
        guard !isOff else { return .address(request.head.remoteAddress) }
        let caller = try identify(request)
        let bytes = request.head.contentLength ?? 0
        if !settings.limits.isUnlimited {
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
        guard !settings.limits.isUnlimited, let caller = request.takeQuotaHolder() else { return }
        quotas.withLock { $0.release(caller, unusedBytes: unusedBytes) }
    }

    private func identify(_ request: OperationRequest) throws(ServingError) -> Caller {
        guard !directory.keys.isEmpty else { return .address(request.head.remoteAddress) }
        let access = settings.access(to: request.operationID)
        guard let key = directory.key(authorization: request.head.headers.all("Authorization")) else {
            // Whoever needs no key may have one that is wrong.
            if access == .open { return .address(request.head.remoteAddress) }
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
