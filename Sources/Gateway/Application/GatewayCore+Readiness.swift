internal import Dispatching
internal import ServingCore

extension GatewayCore {
    /// Checks that inference requests are taken.
    ///
    /// - Throws: ``ServingError`` while the gateway drains, while a run does not end, and where models are known but not one of them
    ///   can be served.
    func checkReady() throws(ServingError) {
        guard !isDraining else { throw .draining }
        if let overrun = loop.read({ $0.overrun(at: clock()) }) { throw .overrun(by: overrun) }
        try catalog.checkReady()
    }

    /// Whether inference requests are taken.
    var isReady: Bool {
        do throws(ServingError) {
            try checkReady()
            return true
        } catch {
            return false
        }
    }
}

extension ServingError {
    /// The engine is taken by a run that should have ended.
    fileprivate static func overrun(by time: Duration) -> ServingError {
        let milliseconds = Int(time.inMilliseconds)
        return ServingError(
            .engineUnavailable,
            "a run should have ended \(milliseconds) ms ago: nothing else can run until its operator is done",
            retryAfter: .seconds(1)
        )
    }
}
