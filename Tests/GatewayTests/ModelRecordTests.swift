import Dispatching
import OpenInferenceProtocol
import ServingCore
import Testing

@testable import Gateway
@testable import ModelServing

struct ModelRecordTests {
    private let record: ModelRecord

    init() {
        let metrics = GatewayMetrics(keptDecisions: 1) { .origin }
        let id = ModelID(name: "m", version: 1)
        let model = ServableModel(id: id, inputs: [], outputs: [], steps: [], slotCount: 0, outputSlots: [])
        record = ModelRecord(model: model, account: metrics.account(named: "m"))
    }

    private var statistics: ModelStatistics {
        record.statistics(in: ResidencyLedger(limit: .zero))
    }

    private func run(_ requests: Int, rows: Int?, succeeded: Bool = true) -> BatchTiming.Run {
        BatchTiming.Run(
            requestCount: requests,
            rowCount: rows,
            duration: .milliseconds(10),
            input: .milliseconds(2),
            output: .milliseconds(1),
            succeeded: succeeded
        )
    }

    /// Counts a batch of these runs, all of whose requests ended as their run did.
    private func count(_ runs: [BatchTiming.Run]) {
        var timing = BatchTiming()
        timing.runs = runs
        let failure = Result<[Tensor], ServingError>.failure(ServingError(.engineFailed, "no"))
        let results = runs.flatMap { run in
            Array(
                repeating: run.succeeded ? Result<[Tensor], ServingError>.success([]) : failure,
                count: run.requestCount
            )
        }
        let waited = results.map { _ in Duration.milliseconds(3) }
        record.countBatch(BatchOutcome(results: results, timing: timing), waited: waited) { _ in .milliseconds(20) }
    }

    @Test func `Inferences are rows, executions are runs, and every stage counts each request once`() {
        count([run(3, rows: 7), run(1, rows: 2)])
        count([run(2, rows: nil)])
        let counted = statistics
        #expect(counted.inferenceCount == 11)
        #expect(counted.executionCount == 3)
        for tally in [
            counted.success, counted.queue, counted.computeInput, counted.computeInfer, counted.computeOutput,
        ] {
            #expect(tally.count == 6)
        }
        #expect(counted.computeInput.nanoseconds == 12_000_000)
        #expect(counted.computeInfer.nanoseconds == 42_000_000)
        #expect(counted.computeOutput.nanoseconds == 6_000_000)
        #expect(counted.batches.map(\.size) == [2, 7])
        #expect(counted.batches.map(\.computeInfer.count) == [2, 1])
        #expect(counted.batches.map(\.computeInput.count) == [2, 1])
        #expect(counted.batches.map(\.computeOutput.count) == [2, 1])
    }

    @Test func `A run that failed counts its requests as failed and nothing else`() {
        count([run(2, rows: 4, succeeded: false), run(1, rows: 1)])
        #expect(statistics.fail.count == 2)
        #expect(statistics.success.count == 1)
        #expect(statistics.computeInfer.count == 1)
        #expect(statistics.inferenceCount == 1)
        #expect(statistics.executionCount == 1)
    }

    @Test func `However many sizes clients choose, the list stays bounded and its counts add up`() {
        for rows in 1...3000 { count([run(1, rows: rows)]) }
        #expect(statistics.batches.count <= 1024)
        #expect(statistics.batches.reduce(0) { $0 + $1.computeInfer.count } == 3000)
        #expect(statistics.batches.map(\.size) == statistics.batches.map(\.size).sorted())
    }
}
