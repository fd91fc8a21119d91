internal import HTTPTransport
internal import ServingCore

/// Routes each request to its operation and turns what goes wrong into an answer.
///
/// A class, so that each call of ``StartingApplication`` counts one reference, not those of all that it holds.
final class GatewayApplication: HTTPRequestHandler {
    private let core: GatewayCore
    private let router = Router()
    private let operations: [OperationID: any Operation]

    init(core: GatewayCore) {
        self.core = core
        operations = Dictionary(uniqueKeysWithValues: OperationID.allCases.map { ($0, Self.operation($0, core)) })
    }

    func receive(head: RequestHead, on exchange: HTTPExchange) -> HeadVerdict {
        if let answer = core.configuration.crossOrigins.preflight(head) { return .answer(answer) }
        let id = core.nextRequestID()
        switch router.match(method: head.method, path: head.path) {
        case .unknown:
            let error = ServingError(.unknownRoute, "there is nothing at this path")
            return .answer(.problem(error, request: id, to: head))
        case .wrongMethod(let allowed):
            let error = ServingError(.methodNotAllowed, "this path takes \(allowed.joined(separator: ", "))")
            return .answer(.problem(error, request: id, to: head, allow: allowed))
        case .found(let operationID, let parameters):
            guard let operation = operations[operationID] else {
                return .answer(.problem(ServingError(.notImplemented, "no such operation"), request: id, to: head))
            }
            let request = OperationRequest(
                id: id,
                operationID: operationID,
                operation: operation,
                parameters: parameters,
                head: head
            )
            return begin(request, on: exchange)
        }
    }

    func receive(body: ByteRegion, on exchange: HTTPExchange) {
        guard let request = exchange.context as? OperationRequest else { return exchange.abort() }
        do throws(ServingError) {
            try request.operation.finish(request, body: body, on: exchange)
        } catch {
            exchange.answer { .problem(error, request: request.id, to: request.head) }
        }
    }

    func ended(_ exchange: HTTPExchange, _ end: ExchangeEnd) {
        guard let request = exchange.context as? OperationRequest else { return }
        request.operation.ended(request, on: exchange, end)
    }

    func response(to error: ServingError, head: RequestHead?) -> HTTPResponse {
        let id = core.nextRequestID()
        core.metrics.transportRefusals.count(error)
        // An inference request belongs to the account, however early it was refused.
        if let head, case .found(.postInfer, let parameters) = router.match(method: head.method, path: head.path) {
            core.metrics.reject(id, head, error, try? core.catalog.find(parameters))
        }
        return .problem(error, request: id, to: head)
    }

    func response(to error: ServingError, on exchange: HTTPExchange) -> HTTPResponse {
        let request = exchange.context as? OperationRequest
        request?.transportError = error
        return .problem(error, request: request?.id ?? core.nextRequestID(), to: exchange.head)
    }

    func completed(_ response: HTTPResponse, for head: RequestHead) -> HTTPResponse {
        var response = response
        response.headers += core.configuration.crossOrigins.fields(for: head)
        if let id = RequestMarks.requestID(of: head.headers) { response.headers.append(("X-Request-Id", id)) }
        return response
    }

    func noticed(_ notice: TransportNotice) {
        core.noticed(notice)
    }

    private func begin(_ request: OperationRequest, on exchange: HTTPExchange) -> HeadVerdict {
        exchange.context = request
        do throws(ServingError) {
            // An inference request is counted whatever becomes of it: its operation asks the gates itself.
            if request.operationID != .postInfer {
                try CrossSiteGate(allowing: core.configuration.crossOrigins).check(request.head)
                try core.callers.check(request)
            }
            return try request.operation.begin(request, on: exchange)
        } catch {
            return .answer(.problem(error, request: request.id, to: request.head))
        }
    }

    private static func operation(_ id: OperationID, _ core: GatewayCore) -> any Operation {
        switch id {
        case .getServerMetadata: GetServerMetadata()
        case .getModels: GetModels(core: core)
        case .getContract: GetContract()
        case .getHealthLive: GetHealthLive()
        case .getHealthReady: GetHealthReady(core: core)
        case .getModelMetadata: GetModelMetadata(core: core)
        case .getModelReady: GetModelReady(core: core)
        case .getModelConfig: GetModelConfig(core: core)
        case .getModelStats: GetModelStats(core: core)
        case .getAllModelStats: GetAllModelStats(core: core)
        case .postInfer: PostInfer(core: core)
        case .postRepositoryIndex: PostRepositoryIndex(core: core)
        case .postRepositoryLoad: PostRepositoryLoad(core: core)
        case .postRepositoryUnload: PostRepositoryUnload(core: core)
        case .getPlan: GetPlan(core: core)
        case .postPlan: PostPlan(core: core)
        case .getBlocks: GetBlocks(core: core)
        case .getRequest: GetRequest(core: core)
        case .getStatus: GetStatus(core: core)
        case .getDashboard: GetDashboard()
        case .getMetrics: GetMetrics(core: core)
        }
    }
}
