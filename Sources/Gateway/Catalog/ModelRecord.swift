private import Foundation
internal import Dispatching
internal import ModelServing
internal import OpenInferenceProtocol
internal import ServingCore
private import Synchronization

/// One model the gateway serves, with what was counted for it.
final class ModelRecord: Sendable {
    /// Its tensors and blocks.
    let model: ServableModel
    /// Tells it apart from what the same id stood for before.
    let form = ModelForm(rawValue: ModelRecord.lastForm.wrappingAdd(1, ordering: .relaxed).newValue)
    /// Where its requests are counted.
    let account: RequestLedger.AccountID
    private let tally: ModelTally
    private let nextTry = Atomic(Int64.min)

    private static let lastForm = Atomic<UInt64>(0)
    /// How often a request may try again whether a model whose blocks could not be loaded can be.
    static let retryInterval: Duration = .seconds(5)

    init(model: ServableModel, account: RequestLedger.AccountID) {
        self.model = model
        self.account = account
        tally = ModelTally(model.id)
    }

    /// The same model with other blocks, counted on.
    init(model: ServableModel, continuing old: ModelRecord) {
        self.model = model
        account = old.account
        tally = old.tally
    }

    /// Whether both are versions of one model.
    func sharesName(with other: ModelRecord) -> Bool { model.id.name == other.model.id.name }

    /// A load of the model failed at `now`: the next try is ``retryInterval`` away.
    func noteFailedLoad(at now: MonotonicInstant) {
        nextTry.store(now.advanced(by: Self.retryInterval).nanoseconds, ordering: .relaxed)
    }

    /// Whether a request may try at `now` to have a model loaded that could not be; true for one request in ``retryInterval``.
    func mayTryAgain(at now: MonotonicInstant) -> Bool {
        let due = nextTry.load(ordering: .relaxed)
        guard now.nanoseconds >= due else { return false }
        let next = now.advanced(by: Self.retryInterval).nanoseconds
        return nextTry.compareExchange(expected: due, desired: next, ordering: .relaxed).exchanged
    }

    /// Whether all its blocks are resident.
    func isResident(in ledger: ResidencyLedger) -> Bool { model.blocks.allSatisfy { ledger.isResident($0.id) } }

    /// What was counted so far, with the memory its resident blocks take now.
    func statistics(in ledger: ResidencyLedger) -> ModelStatistics {
        let resident = model.blocks.compactMap { ledger.isResident($0.id) ? ledger.entries[$0.id]?.block.size : nil }
        var statistics = tally.counted.withLock { $0 }
        statistics.memory = [.init(type: "CPU", byteCount: resident.reduce(.zero, +).rawValue)]
        return statistics
    }

    /// Counts a request that failed after `duration`.
    func countFailure(_ duration: Duration) {
        tally.counted.withLock { $0.fail.add(duration) }
    }

    /// Counts a batch: how long each request waited for it, and what became of each after `total`.
    func countBatch(_ outcome: BatchOutcome, waited: [Duration], total: (Int) -> Duration) {
        let now = UInt64(max(0, Date().timeIntervalSince1970 * 1000))
        tally.counted.withLock { statistics in
            statistics.lastInference = now
            for index in outcome.results.indices {
                guard case .success = outcome.results[index] else {
                    statistics.fail.add(total(index))
                    continue
                }
                statistics.success.add(total(index))
                statistics.queue.add(waited[index])
            }
            for run in outcome.timing.runs where run.succeeded { statistics.add(run) }
        }
    }
}

/// What was counted for one model, whatever blocks it had at the time.
private final class ModelTally: Sendable {
    let counted: Mutex<ModelStatistics>

    init(_ id: ModelID) {
        counted = Mutex(ModelStatistics(name: id.name, version: id.version))
    }
}

extension ModelStatistics.Tally {
    /// Counts `times` requests that each took `duration`.
    fileprivate mutating func add(_ duration: Duration, times: Int = 1) {
        count += UInt64(times)
        nanoseconds &+= UInt64(max(0, duration.clampedNanoseconds)) &* UInt64(times)
    }
}

extension BatchTiming.Run {
    /// How many inferences it was: its rows, or its requests where the model is not batched.
    fileprivate var itemCount: Int { rowCount ?? requestCount }
    /// The part of it in which the model ran.
    fileprivate var infer: Duration { max(duration - input - output, .zero) }
}

extension ModelStatistics {
    /// The most batch sizes that are told apart; a client chooses its rows.
    private static let maximumBatchSizes = 1024

    /// Counts one run that gave answers: for each of its requests, and under its batch size.
    fileprivate mutating func add(_ run: BatchTiming.Run) {
        inferenceCount += UInt64(run.itemCount)
        executionCount += 1
        computeInput.add(run.input, times: run.requestCount)
        computeInfer.add(run.infer, times: run.requestCount)
        computeOutput.add(run.output, times: run.requestCount)
        let place = batchIndex(run.itemCount)
        batches[place].computeInput.add(run.input)
        batches[place].computeInfer.add(run.infer)
        batches[place].computeOutput.add(run.output)
    }

    /// Where runs of `size` items are counted; once there are too many sizes, with those of the next larger size.
    private mutating func batchIndex(_ size: Int) -> Int {
        let index = batches.firstIndex { $0.size >= size } ?? batches.endIndex
        if index < batches.endIndex, batches[index].size == size { return index }
        guard batches.count < Self.maximumBatchSizes else { return min(index, batches.endIndex - 1) }
        batches.insert(Batch(size: size), at: index)
        return index
    }
}
