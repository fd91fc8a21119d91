import LoadScheduling
import ServingCore

/// What executor and loader are at, for `/v1/plan` and `/v1/status`.
extension Dispatcher {
    /// The batches that run, in the order they started.
    public var executingBatches: [ExecutingBatchView] {
        accelerator.running.map { batch in
            ExecutingBatchView(
                lane: batch.lane,
                model: catalog.modelIDs[batch.model],
                requests: batch.slots.map { requests[$0].id },
                start: Self.instant(batch.start),
                finish: Self.instant(batch.expectedEnd)
            )
        }
    }

    /// The order the loader carries out; nil where it is idle.
    public var loadInFlight: LoadInFlightView? {
        accelerator.load.map { load in
            LoadInFlightView(
                model: load.model.map { catalog.modelIDs[$0] },
                purpose: load.purpose,
                blocks: load.blocks.map { catalog.blocks[$0] },
                finish: Self.instant(load.expectedEnd)
            )
        }
    }
}
