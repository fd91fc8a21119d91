import BandwidthAllocation
import ServingCore

/// Times as they are with paced uploads, and as they would be without.
extension ScheduleTimeline {
    mutating func shareUplink(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        leastShareTotal = 0
        var work = 0.0
        for index in batches.indices where batches[index].uplinkWork > 0 {
            let window = window(of: index, batches, state)
            switch server.shares {
            case .constant: leastShareTotal += batches[index].uplinkWork / window
            // Latest starts come in the order of the batches, so what is before a batch in the list goes first.
            case .varying:
                work += batches[index].uplinkWork
                leastShareTotal = max(leastShareTotal, work / window)
            }
        }
        uplinkScale = BandwidthAllocator.scale(from: leastShareTotal, to: server.uplink)
    }

    /// Seconds the uploads of batch `index` may take; never less than a millisecond where the batch is late anyway.
    private func window(of index: Int, _ batches: [BatchOutline], _ state: ServerState) -> Double {
        let window = max(entries[index].latestStart - state.now, batches[index].leastWindow)
        return entries[index].finish > batches[index].deadline ? max(window, 1e-3) : max(window, 0)
    }

    /// Goes forwards again with each batch starting no earlier than its paced uploads end; the latest starts stay.
    mutating func delayForUploads(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        releases.removeAll(keepingCapacity: true)
        let scale = max(uplinkScale, 1e-9)
        var work = 0.0
        for index in batches.indices {
            let hasUploads = batches[index].uplinkWork > 0
            work += batches[index].uplinkWork
            let isConstant = server.shares == .constant
            let seconds = isConstant ? window(of: index, batches, state) / scale : work / server.uplink.rawValue
            releases.append(hasUploads ? state.now + seconds : -.infinity)
            latestEnd[index] = entries[index].latestStart
        }
        keepTimesByLoads()
        if followsFromOrder(server) {
            repeatWithUploads(batches, server, state)
        } else {
            findWithUploads(batches, server, state)
        }
        for index in batches.indices { entries[index].latestStart = latestEnd[index] }
        lateRequests = countLate(batches)
    }

    /// Whether what is loaded follows from the order of the batches alone, whenever they end.
    private func followsFromOrder(_ server: EdgeServer) -> Bool {
        !recordsBlocks && (server.reuse == .consecutive || !server.overlap)
    }

    /// The pass with uploads where loads are those of the pass without.
    private mutating func repeatWithUploads(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        let pending = insertedBatch
        insertedBatch = nil
        passForwards(batches, server, state)
        insertedBatch = pending
    }

    /// The pass with uploads where they may change what is evicted: its loads are kept apart.
    private mutating func findWithUploads(_ batches: [BatchOutline], _ server: EdgeServer, _ state: ServerState) {
        swap(&record, &otherRecord)
        let pending = insertedBatch
        insertedBatch = otherInsertedBatch
        otherInsertedBatch = nil
        if recordsBlocks {
            record.begin(batches: batches.count)
        } else if !record.isComplete || record.steps.count != batches.count + 1 {
            // At first, what is loaded and evicted without uploads is the best guess at what is with them.
            record.assign(otherRecord)
            insertedBatch = nil
        }
        let inserted = insertedBatch
        passForwards(batches, server, state)
        if hasStopped {
            for (index, step) in replaced.reversed() { record.steps[index] = step }
            otherInsertedBatch = inserted
        }
        insertedBatch = pending
        swap(&record, &otherRecord)
    }

    private mutating func keepTimesByLoads() {
        isDelayed = true
        swap(&entries, &byLoads.entries)
        byLoads.end = end
        byLoads.loaderEnd = loaderEnd
        byLoads.exceedsMemory = exceedsMemory
    }

    mutating func restoreTimesByLoads() {
        isDelayed = false
        swap(&entries, &byLoads.entries)
        end = byLoads.end
        loaderEnd = byLoads.loaderEnd
        exceedsMemory = byLoads.exceedsMemory
    }
}
