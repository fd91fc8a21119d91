internal import Dispatching
internal import HTTPTransport
internal import OpenInferenceProtocol
internal import ServingCore

/// `GET /v2/health/ready`: whether inference requests are taken; 503 while the gateway drains, while a run does not end, and
/// where models are known but not one of them can be served.
struct GetHealthReady: Operation {
    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        guard !core.isDraining else { throw .draining }
        if let overrun = core.loop.read({ $0.overrun(at: core.clock()) }) { throw .overrun(by: overrun) }
        try core.catalog.checkReady()
        return .answer(.json(ServerHealth.ready(true)))
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
