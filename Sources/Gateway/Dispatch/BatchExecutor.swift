internal import Dispatching
internal import HTTPTransport
internal import Logging
internal import MetricsExposition
internal import ModelServing
internal import OpenInferenceProtocol
internal import ServingCore

/// Runs the dispatcher's batches of one lane, one after the other, on the lane's thread.
struct BatchExecutor: Sendable {
    let core: GatewayCore
    let lane: ExecutorLane

    /// Runs one batch, answers its requests, and reports it, which may lead to the next one.
    func run(_ job: BatchJob) {
        let start = core.clock()
        lane.runs.begin(job.order.id)
        var outcome = results(of: job)
        if let reason = lane.runs.end() { outcome.explain(reason) }
        noteFailures(of: job, outcome)
        let duration = start.duration(to: core.clock())
        core.metrics.batchSizes.observe(Double(job.tickets.count))
        count(job, outcome, start: start)
        for (ticket, result) in zip(job.tickets, outcome.results) {
            answer(ticket, result, in: job, start: start, compute: duration)
        }
        core.loop.handle(.batchFinished(result(of: job, outcome, duration)))
    }

    private func results(of job: BatchJob) -> BatchOutcome {
        do throws(ServingError) {
            let pinned = try pin(for: job)
            defer { pinned.release() }
            let requests = job.tickets.map { $0.call?.inputs ?? [] }
            return lane.runner.run(pinned, requests: requests) { deadline($0, of: job) }
        } catch {
            return BatchOutcome(results: job.tickets.map { _ in .failure(error) }, timing: BatchTiming())
        }
    }

    /// Pins the model in the form whose blocks were loaded: a catalog that changes meanwhile may cut it differently.
    private func pin(for job: BatchJob) throws(ServingError) -> PinnedModel {
        guard let model = job.model else {
            throw ServingError(.internalError, "a batch was ordered of a form of \(job.order.model) that is not known")
        }
        return try core.blocks.pin(model)
    }

    /// When a request of a batch is not worth running any more, where deadlines bind.
    private func deadline(_ place: Int, of job: BatchJob) -> MonotonicInstant {
        let scheduling = core.configuration.scheduling
        let isBound = scheduling.mode == .enforce && (scheduling.policy.isPlanned || !scheduling.runsExpired)
        return isBound ? job.tickets[place].deadline : .distantFuture
    }

    private func noteFailures(of job: BatchJob, _ outcome: BatchOutcome) {
        for (place, failure) in outcome.timing.failures {
            let run = outcome.timing.runs[place]
            let reason = RunMetrics.Reason(failure.code)
            core.metrics.runs.count(reason)
            core.repeatedLog.log(
                reason.level,
                "a run failed",
                about: "\(job.order.model) \(reason)",
                metadata: [
                    "model": "\(job.order.model)", "reason": "\(reason)", "requests": "\(run.requestCount)",
                    "seconds": "\(run.duration.inSeconds)", "problem": "\(failure.message)",
                ]
            )
        }
    }

    private func result(of job: BatchJob, _ outcome: BatchOutcome, _ duration: Duration) -> BatchResult {
        let failed = outcome.results.indices.filter { outcome.results[$0].isFailure }.map { job.order.requests[$0] }
        return BatchResult(
            order: job.order.id,
            duration: duration,
            groupSizes: outcome.timing.runs.map(\.requestCount),
            failed: failed,
            isTypical: outcome.timing.isTypical
        )
    }

    private func answer(
        _ ticket: InferenceTicket,
        _ result: Result<[Tensor], ServingError>,
        in job: BatchJob,
        start: MonotonicInstant,
        compute: Duration
    ) {
        switch result {
        case .failure(let error): ticket.fail(error, counting: core.metrics)
        case .success(let outputs):
            let upload = ticket.arrival.duration(to: ticket.uploaded)
            let held = ticket.uploaded.duration(to: start)
            // A load may have begun before this request came: only the part it waited for counts.
            let load = min(job.order.loadDuration, max(held, .zero))
            let measured = LatencyBreakdown(upload: upload, wait: max(held - load, .zero), load: load, compute: compute)
            let form = ticket.call?.answer ?? AnswerForm(outputs: [], acceptsBinary: false)
            core.succeed(InferenceAnswer(ticket: ticket, form: form, outputs: outputs, measured: measured, batch: job))
        }
    }

    private func count(_ job: BatchJob, _ outcome: BatchOutcome, start: MonotonicInstant) {
        guard let record = job.tickets.first?.record else { return }
        let now = core.clock()
        record.countBatch(outcome, waited: job.tickets.map { $0.uploaded.duration(to: start) }) { index in
            job.tickets[index].arrival.duration(to: now)
        }
    }
}

extension BatchOutcome {
    /// Puts `reason` where all that is said is that the run was ended.
    fileprivate mutating func explain(_ reason: ServingError) {
        for index in results.indices {
            if case .failure(.runEnded) = results[index] { results[index] = .failure(reason) }
        }
    }
}

extension RunMetrics.Reason {
    /// How much it is an operator's business.
    fileprivate var level: Logger.Level {
        switch self {
        case .ended, .memory: .warning
        case .input: .info
        case .engine: .error
        }
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
