internal import HTTPTransport
internal import ServingCore

/// `GET /`: the dashboard, a page without outside resources.
struct GetDashboard: Operation {
    func begin(_ request: OperationRequest, on exchange: HTTPExchange) throws(ServingError) -> HeadVerdict {
        .answer(DashboardPage.current.response)
    }
}
