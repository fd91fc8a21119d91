internal import HTTPTransport
internal import ServingCore

extension GatewayCore {
    /// Answers a request that ran; whether it was in time is settled when its answer is written.
    func succeed(_ answer: InferenceAnswer) {
        let ticket = answer.ticket
        ticket.exchange.answer { [metrics, clock] in
            do throws(ServingError) {
                let response = try answer.response()
                let slack = clock().duration(to: ticket.deadline)
                metrics.stages.observe(answer.measured, estimate: ticket.grant.estimate, slack: slack)
                metrics.settle(ticket, slack >= .zero ? .met : .late)
                return response
            } catch {
                metrics.settle(ticket, .error)
                return .problem(error, request: ticket.id)
            }
        }
    }

    /// Answers an admitted request that could not be done.
    func fail(_ ticket: InferenceTicket, _ error: ServingError) {
        Self.fail(ticket, error, metrics)
    }

    /// The same without the core, for the threads that are made before it is whole.
    static func fail(_ ticket: InferenceTicket, _ error: ServingError, _ metrics: GatewayMetrics) {
        metrics.settle(ticket, .error)
        ticket.exchange.answer { .problem(error, request: ticket.id) }
    }
}
