public import ServingCore

/// Runs requests for one model: side by side as one tensor where the model allows it, one by one where it does not.
public struct ModelRunner: Sendable {
    /// The most rows that go through a model together; bounds the memory a run takes.
    public let maximumBatchRows: Int
    /// What bounds its runs; nil where nothing does.
    public let control: (any RunControl)?
    private let engine: any InferenceEngine
    private let clock: @Sendable () -> MonotonicInstant

    /// Makes a runner that tells the time by `clock`; `control`, which must be the engine's, bounds its runs.
    public init(
        engine: any InferenceEngine,
        maximumBatchRows: Int,
        control: (any RunControl)? = nil,
        clock: @escaping @Sendable () -> MonotonicInstant
    ) {
        precondition(maximumBatchRows > 0, "a batch has at least one row: check the limit where it comes from")
        self.engine = engine
        self.maximumBatchRows = maximumBatchRows
        self.control = control
        self.clock = clock
    }

    /// Runs `requests`, each the model's inputs in the model's order; blocks until done, any thread may call.
    ///
    /// Requests whose dimensions behind the first are equal run together, up to ``maximumBatchRows``; a lone request's
    /// bytes are not copied. Each request gets its own rows of each output, as slices of one buffer, or its own error:
    /// `.invalidField` where its inputs do not fit the model or have more rows than the limit. Where a run of several fails,
    /// each of them runs again by itself, unless its `deadline`, asked for by its place, has passed or ``control`` ended
    /// the run. Rows with no elements and requests with no rows are fine.
    public func run(
        _ pinned: PinnedModel,
        requests: [[Tensor]],
        deadline: (Int) -> MonotonicInstant = { _ in .distantFuture }
    ) -> BatchOutcome {
        defer { withExtendedLifetime(pinned) {} }
        guard let blocks = pinned.stepBlocks else {
            let error = ServingError(.internalError, "\(pinned.model.id) was released before it ran")
            return .failure(error, requests.count)
        }
        do throws(ServingError) {
            let chain = try BlockChain(pinned.wiring, blocks: blocks)
            return requests.count == 1
                ? try run(requests[0], on: chain) : run(requests, deadline, on: chain)
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
        timing.append(watch.run(of: 1, rows: rowCount, end: clock()), failure: result.failure)
        return BatchOutcome(results: [result], timing: timing)
    }

    private func run(
        _ requests: [[Tensor]],
        _ deadline: (Int) -> MonotonicInstant,
        on chain: BlockChain
    ) -> BatchOutcome {
        let (groups, refusals) = RequestGroup.grouping(requests, of: chain.wiring, maximumRows: maximumBatchRows)
        var answers: [Result<[Tensor], ServingError>?] = requests.indices.map { refusals[$0].map(Result.failure) }
        var timing = BatchTiming()
        for group in groups {
            let result = measured(group, of: requests, on: chain, &timing)
            guard case .failure = result, group.members.count > 1 else {
                for (place, member) in group.members.enumerated() { answers[member] = result.map { $0[place] } }
                continue
            }
            for lone in group.apart {
                let member = lone.members[0]
                answers[member] = again(lone, of: requests, before: deadline(member), on: chain, &timing)
            }
        }
        let unanswered = ServingError(.internalError, "a request was in no group")
        return BatchOutcome(results: answers.map { $0 ?? .failure(unanswered) }, timing: timing)
    }

    /// Runs a member of a group that failed by itself, so that the others do not pay for the one that is at fault.
    private func again(
        _ lone: RequestGroup,
        of requests: [[Tensor]],
        before deadline: MonotonicInstant,
        on chain: BlockChain,
        _ timing: inout BatchTiming
    ) -> Result<[Tensor], ServingError> {
        if control?.isTerminated == true { return .failure(.runEnded) }
        guard clock() < deadline else {
            let message = "its batch failed, and the deadline passed before it could be run by itself"
            return .failure(ServingError(.deadlinePassed, message))
        }
        return measured(lone, of: requests, on: chain, &timing).map { $0[0] }
    }

    private func measured(
        _ group: RequestGroup,
        of requests: [[Tensor]],
        on chain: BlockChain,
        _ timing: inout BatchTiming
    ) -> Result<[[Tensor]], ServingError> {
        var watch = RunWatch(start: clock())
        let result = Result { () throws(ServingError) in try run(group, of: requests, on: chain, &watch) }
        let rows = group.rows.isEmpty ? nil : group.rowCount
        timing.append(watch.run(of: group.members.count, rows: rows, end: clock()), failure: result.failure)
        return result
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
        control?.begin()
        defer { control?.end() }
        var values: [any EngineTensor] = []
        values.reserveCapacity(inputs.count)
        for input in inputs { values.append(try engine.makeTensor(input)) }
        watch.computeStart = clock()
        values = try chain.run(values, control: control)
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

extension BatchOutcome {
    fileprivate static func failure(_ error: ServingError, _ count: Int) -> BatchOutcome {
        BatchOutcome(results: Array(repeating: .failure(error), count: count), timing: BatchTiming())
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
