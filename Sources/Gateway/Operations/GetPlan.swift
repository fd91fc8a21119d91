internal import HTTPTransport
internal import ServingCore

/// `GET /v1/plan`: the schedule as it is now, and why each waiting request waits.
struct GetPlan: Operation {
    /// How many waiting requests are listed where nobody says otherwise.
    private static let defaultLimit = 200

    let core: GatewayCore

    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        let limit = try request.query("limit", in: 0...100_000) ?? Self.defaultLimit
        return .answer(.json(PlanDocument(GatewaySnapshot(core), limit: limit)))
    }
}
