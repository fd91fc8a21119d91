public import ServingCore

/// Runs requests for one model: side by side as one tensor where the model allows it, one by one where it does not.
public struct ModelRunner: Sendable {
    /// The most rows that go through a model together; bounds the memory a run takes.
    public let maximumBatchRows: Int
    private let engine: any InferenceEngine
    private let clock: @Sendable () -> MonotonicInstant

    /// Makes a runner that tells the time by `clock`.
    public init(
        engine: any InferenceEngine,
        maximumBatchRows: Int,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        precondition(maximumBatchRows > 0, "a batch has at least one row: check the limit where it comes from")
        self.engine = engine
        self.maximumBatchRows = maximumBatchRows
        self.clock = clock
    }

    /// Runs `requests`, each the model's inputs in the model's order; blocks until done, any thread may call.
    ///
    /// Requests whose dimensions behind the first are equal run together, up to ``maximumBatchRows``; a lone request's
    /// bytes are not copied. Each request gets its own rows of each output, as slices of one buffer, or its own error:
    /// `.invalidField` where its inputs do not fit the model or have more rows than the limit. Where a run fails, only
    /// the requests in it fail. Rows with no elements and requests with no rows are fine.
    public func run(_ pinned: PinnedModel, requests: [[Tensor]]) -> BatchOutcome {
        defer { withExtendedLifetime(pinned) {} }
        guard let blocks = pinned.stepBlocks else {
            let error = ServingError(.internalError, "\(pinned.model.id) was released before it ran")
            return .failure(error, requests.count)
        }
        do throws(ServingError) {
            let chain = try BlockChain(pinned.wiring, blocks: blocks)
            return requests.count == 1 ? try run(requests[0], on: chain) : run(requests, on: chain)
        } catch {
            return .failure(error, requests.count)
        }
    }

    /// Runs one request by itself: nothing is grouped, joined or taken apart.
    private func run(_ request: [Tensor], on chain: BlockChain) throws(ServingError) -> BatchOutcome {
        let rowCount = try RequestGroup.rows(of: request, in: chain.wiring, maximum: maximumBatchRows)
        var watch = RunWatch(start: clock())
        let result = Result { () throws(ServingError) in try outputs(of: request, from: chain, &watch) }
        var timing = BatchTiming()
        timing.runs.append(watch.run(of: 1, rows: rowCount, end: clock(), succeeded: result.isSuccess))
        return BatchOutcome(results: [result], timing: timing)
    }

    private func run(_ requests: [[Tensor]], on chain: BlockChain) -> BatchOutcome {
        let (groups, refusals) = RequestGroup.grouping(requests, of: chain.wiring, maximumRows: maximumBatchRows)
        var answers: [Result<[Tensor], ServingError>?] = requests.indices.map { refusals[$0].map(Result.failure) }
        var timing = BatchTiming()
        for group in groups {
            var watch = RunWatch(start: clock())
            let result = Result { () throws(ServingError) in try run(group, of: requests, on: chain, &watch) }
            let rows = group.rows.isEmpty ? nil : group.rowCount
            timing.runs.append(
                watch.run(of: group.members.count, rows: rows, end: clock(), succeeded: result.isSuccess)
            )
            for (place, member) in group.members.enumerated() {
                answers[member] = result.map { $0[place] }.mapError { group.share(of: $0) }
            }
        }
        let unanswered = ServingError(.internalError, "a request was in no group")
        return BatchOutcome(results: answers.map { $0 ?? .failure(unanswered) }, timing: timing)
    }

    /// Runs one group and returns the outputs of each member.
    private func run(
        _ group: RequestGroup,
        of requests: [[Tensor]],
        on chain: BlockChain,
        _ watch: inout RunWatch
    ) throws(ServingError) -> [[Tensor]] {
        if group.members.count == 1 { return [try outputs(of: requests[group.members[0]], from: chain, &watch)] }
        let inputs = try chain.wiring.model.inputs.indices.map { (index) throws(ServingError) in
            try TensorRows.joined(group.members.map { requests[$0][index] }, rowCount: group.rowCount)
        }
        var answers = group.members.map { _ in [Tensor]() }
        for output in try outputs(of: inputs, from: chain, &watch) {
            for (place, part) in try TensorRows.split(output, into: group.rows).enumerated() {
                answers[place].append(part)
            }
        }
        return answers
    }

    /// Runs the model once.
    private func outputs(
        of inputs: [Tensor],
        from chain: BlockChain,
        _ watch: inout RunWatch
    ) throws(ServingError) -> [Tensor] {
        var values: [any EngineTensor] = []
        values.reserveCapacity(inputs.count)
        for input in inputs { values.append(try engine.makeTensor(input)) }
        watch.computeStart = clock()
        values = try chain.run(values)
        watch.computeEnd = clock()
        let specifications = chain.wiring.model.outputs
        var outputs: [Tensor] = []
        outputs.reserveCapacity(values.count)
        for (specification, value) in zip(specifications, values) {
            outputs.append(try read(value, specification))
        }
        return outputs
    }

    private func read(
        _ output: any EngineTensor,
        _ specification: TensorSpecification
    ) throws(ServingError) -> Tensor {
        guard output.datatype == specification.datatype else {
            let message = "output '\(specification.name)' is \(output.datatype.rawValue)"
            throw ServingError(.engineFailed, message + ", not \(specification.datatype.rawValue)")
        }
        return try Tensor(
            name: specification.name,
            datatype: output.datatype,
            shape: output.shape,
            data: output.bytes()
        )
    }
}

/// When one pass through a model began, ran and ended.
private struct RunWatch {
    let start: MonotonicInstant
    var computeStart: MonotonicInstant?
    var computeEnd: MonotonicInstant?

    init(start: MonotonicInstant) {
        self.start = start
    }

    func run(of requests: Int, rows: Int?, end: MonotonicInstant, succeeded: Bool) -> BatchTiming.Run {
        BatchTiming.Run(
            requestCount: requests,
            rowCount: rows,
            duration: start.duration(to: end),
            input: start.duration(to: computeStart ?? end),
            output: (computeEnd ?? end).duration(to: end),
            succeeded: succeeded
        )
    }
}

extension RequestGroup {
    /// What each member is told of a failure: with company, nobody is told that the fault is his.
    fileprivate func share(of error: ServingError) -> ServingError {
        guard members.count > 1, error.code == .invalidField else { return error }
        return ServingError(.engineFailed, "a batch of \(members.count) requests failed: \(error.message)")
    }
}

extension BatchOutcome {
    fileprivate static func failure(_ error: ServingError, _ count: Int) -> BatchOutcome {
        BatchOutcome(results: Array(repeating: .failure(error), count: count), timing: BatchTiming())
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
