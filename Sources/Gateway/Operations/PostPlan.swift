internal import HTTPTransport
internal import PlanFormat
internal import ServingCore

/// `POST /v1/plan`: a schedule for an instance of the planning problem, without doing anything of it.
struct PostPlan: Operation {
    let core: GatewayCore

    private var limits: GatewayConfiguration.DryRun { core.configuration.dryRun }

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        guard !core.isDraining else { throw .draining }
        _ = try (solver(request), budget(request))
        let length = request.head.contentLength ?? 0
        guard length <= limits.maximumBodyBytes.rawValue else {
            throw ServingError(
                .bodyTooLarge,
                "an instance has at most \(limits.maximumBodyBytes.rawValue) bytes here",
                field: "Content-Length"
            )
        }
        exchange.setBodyAllowance(try core.claimBody(length, for: .keyless(request.head)))
        return .receiveBody
    }

    func finish(_ request: OperationRequest, body: ByteRegion, on exchange: HTTPExchange) throws(ServingError) {
        try core.dryRuns.take(
            DryRunThread.Job(body: body, solver: try solver(request), budget: try budget(request)) { result in
                exchange.answer {
                    switch result {
                    case .success(let report): .json(report)
                    case .failure(let error): .problem(error, request: request.id, to: request.head)
                    }
                }
            }
        )
    }

    private func solver(_ request: OperationRequest) throws(ServingError) -> SolverRegistry.Entry {
        guard let name = try request.query("solver") else { return SolverRegistry.all.preferred }
        guard let entry = SolverRegistry.all.entry(named: name) else {
            let names = SolverRegistry.all.names
            throw ServingError(.invalidField, "there is no solver '\(name.prefix(32))', only \(names)", field: "solver")
        }
        return entry
    }

    private func budget(_ request: OperationRequest) throws(ServingError) -> Duration? {
        try request.query("budget_ms", in: 0...3_600_000).map { .milliseconds($0) }
    }
}
