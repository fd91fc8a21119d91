import LoadScheduling
public import ServingCore

/// Read-only views for `/metrics`, statistics and `/v1/plan`. None of them is meant for the request path.
extension Dispatcher {
    /// Requests admitted that do not run yet.
    public var queuedRequestCount: Int { queue.waitingCount }

    /// Requests admitted that have not ended, the running ones included.
    public var inFlightRequestCount: Int { requests.count }

    /// Whether a batch runs.
    public var isExecuting: Bool { accelerator.isExecuting }

    /// How many batches may run at once.
    public var lanes: Int { accelerator.lanes }

    /// Whether a load is in flight.
    public var isLoading: Bool { accelerator.load != nil }

    /// Whether nothing is admitted or in flight any more: after a drain, the time to stop.
    public var isIdle: Bool { requests.count == 0 && !accelerator.isExecuting && accelerator.load == nil }

    /// What resident and loading blocks take.
    public var residentBytes: ByteCount { ByteCount(server.bytes(of: state.resident)) }

    /// What pinned blocks take.
    public var pinnedBytes: ByteCount { ByteCount(server.bytes(of: state.pinned)) }

    /// The hard cap of both.
    public var memoryLimit: ByteCount { configuration.memoryLimit }

    /// What of the uplink is granted to uploads in progress; nil where uploads are not paced.
    public var allocatedUplink: Hertz? {
        guard configuration.uplink.capacity != nil else { return nil }
        return Hertz(
            plan.batches.reduce(0) { sum, batch in
                batch.members.reduce(sum) { $0 + (requests[$1].phase == .uploading ? requests[$1].share : 0) }
            }
        )
    }

    /// The models whose blocks are all resident.
    public var residentModels: [ModelID] {
        catalog.servable.filter { isUsable($0.value) }.map(\.key).sorted()
    }

    /// The models that stay resident.
    public var pinnedModels: [ModelID] { pins.models.map { catalog.modelIDs[$0] }.sorted() }

    /// Whether all blocks of a model are resident; false for one that is not in the catalog.
    public func isResident(_ model: ModelID) -> Bool { catalog.index(of: model).map { isUsable($0) } ?? false }

    /// The plan with its times as of `now`.
    public func plannedBatches(at now: MonotonicInstant) -> [PlannedBatchView] {
        var then = accelerator
        then.advance(to: Self.seconds(now))
        var timeline = ScheduleTimeline()
        timeline.compute(plan.outlines, on: server, from: then.state)
        return plan.indices.map { view(of: $0, in: timeline) }
    }

    private func view(of index: Int, in timeline: ScheduleTimeline) -> PlannedBatchView {
        let entry = timeline.entries[index]
        let outline = plan.outlines[index]
        return PlannedBatchView(
            model: catalog.modelIDs[outline.model],
            requests: plan.batches[index].members.map { requests[$0].id },
            lane: entry.lane,
            readyRequests: plan.batches[index].readyCount,
            missingBlocks: server.models[outline.model].blocks.count { !state.resident.contains($0) },
            loadStart: Self.instant(entry.loadStart),
            loadFinish: Self.instant(entry.loadStart + entry.loadSeconds),
            start: Self.instant(entry.start),
            finish: Self.instant(entry.finish),
            latestStart: Self.instant(entry.latestStart),
            deadline: Self.instant(plan.batches[index].members.map { requests[$0].deadline }.min() ?? outline.deadline)
        )
    }

    /// Every block the catalog ever named.
    public var blocks: [BlockView] {
        catalog.blocks.indices.map { index in
            var residency = BlockView.Residency.absent
            if state.resident.contains(index) { residency = state.loading.contains(index) ? .loading : .resident }
            return BlockView(
                block: catalog.blocks[index],
                residency: residency,
                isPinned: state.pinned.contains(index),
                loadEstimate: Self.duration(costs.loads.seconds(of: index))
            )
        }
    }

    /// What each model of the catalog is expected to take.
    public var modelEstimates: [ModelEstimateView] {
        catalog.servable.sorted { $0.key < $1.key }.map { id, index in
            let estimate = costs.batches[index]
            return ModelEstimateView(
                model: id,
                base: Self.duration(estimate.base * costs.batches.meanFactor),
                item: Self.duration(estimate.item * costs.batches.meanFactor),
                margin: costs.margin(caution: caution),
                isResident: isUsable(index),
                isPinned: pins.models.contains(index)
            )
        }
    }

    /// One request that has not ended; nil for any other.
    public func request(_ id: RequestID) -> RequestView? {
        guard let slot = requests.slot(of: id) else { return nil }
        let entry = requests[slot]
        let phase: RequestView.Phase =
            switch entry.phase {
            case .uploading: .uploading
            case .ready: .ready
            case .running, .abandoned: .running
            }
        return RequestView(
            id: id,
            model: catalog.modelIDs[entry.model],
            phase: phase,
            deadline: Self.instant(entry.deadline),
            share: configuration.uplink.capacity != nil && entry.phase == .uploading ? Hertz(entry.share) : nil
        )
    }
}
