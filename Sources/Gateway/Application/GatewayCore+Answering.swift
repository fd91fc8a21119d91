internal import Dispatching
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
                metrics.settle(ticket, slack >= .zero ? .met : .late, answer: answer)
                return response
            } catch {
                metrics.settle(ticket, .init(failing: error), error: error, answer: answer)
                return .problem(error, request: ticket.id, to: ticket.exchange.head)
            }
        }
    }
}

extension InferenceTicket {
    /// Answers an admitted request that could not be done.
    func fail(_ error: ServingError, counting metrics: GatewayMetrics) {
        let error = fromArrival(error)
        metrics.settle(self, .init(failing: error), error: error)
        exchange.answer { [id, exchange] in .problem(error, request: id, to: exchange.head) }
    }

    /// The dispatcher counts deadlines from now on; the caller counts from the arrival of its head.
    private func fromArrival(_ error: ServingError) -> ServingError {
        guard let left = error.deadline else { return error }
        let asked = arrival.duration(to: deadline)
        var told = error
        told.deadline = asked
        told.earliestDeadline = error.earliestDeadline.map { $0 + (asked - left) }
        return told
    }
}
