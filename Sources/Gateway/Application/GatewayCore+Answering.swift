internal import Dispatching
internal import HTTPTransport
internal import ServingCore

extension GatewayCore {
    /// Answers a request that ran; whether it was in time is settled when its answer is written.
    ///
    /// Small answers are written on their connection's thread, side by side; an answer with much JSON on a thread of its own,
    /// since connections of others wait for the first.
    func succeed(_ answer: InferenceAnswer) {
        let ticket = answer.ticket
        let claim: MemoryClaim?
        do throws(ServingError) {
            claim = answer.isLarge ? try claimAnswer(answer.byteCount, for: ticket.caller) : nil
        } catch {
            metrics.settle(ticket, .init(failing: error), error: error, answer: answer)
            ticket.exchange.answer { .problem(error, request: ticket.id, to: ticket.exchange.head, closes: true) }
            return
        }
        guard answer.hasMuchJSON else {
            ticket.exchange.answer { [self] in response(answer, claim) }
            return
        }
        answerWriter.mailbox.post { [self] in
            // Nobody reads what a client that left meanwhile would get.
            guard ticket.exchange.isWanted else { return }
            let written = response(answer, claim)
            ticket.exchange.answer { written }
        }
    }

    private func response(_ answer: InferenceAnswer, _ claim: MemoryClaim?) -> HTTPResponse {
        let ticket = answer.ticket
        do throws(ServingError) {
            var response = try answer.response()
            // As text, an answer takes several times the memory of its tensors.
            guard claim?.covers(response.bodyByteCount) ?? true else {
                throw MemoryShortage(.all).error("the answers that were not taken")
            }
            response.companion = claim
            let slack = clock().duration(to: ticket.deadline)
            let taken = ticket.arrival.duration(to: ticket.deadline) - slack
            metrics.stages.observe(taken, of: ticket.record.model.id.name)
            metrics.stages.observe(answer.measured, estimate: ticket.grant.estimate, slack: slack)
            metrics.settle(ticket, slack >= .zero ? .met : .late, answer: answer)
            return response
        } catch {
            metrics.settle(ticket, .init(failing: error), error: error, answer: answer)
            return .problem(error, request: ticket.id, to: ticket.exchange.head)
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
