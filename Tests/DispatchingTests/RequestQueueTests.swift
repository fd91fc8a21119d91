import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct RequestQueueTests {
    private static func entry(_ id: Int, model: Int = 0, deadline: Double = 1, work: Double = 100) -> RequestTable.Entry
    {
        RequestTable.Entry(
            id: RequestID(rawValue: UInt64(id)),
            model: model,
            phase: .uploading,
            batch: -1,
            deadline: deadline,
            slack: 0.06,
            reserve: 0.05,
            uploadEnd: -.infinity,
            since: 0,
            work: work,
            wholeWork: work,
            share: 10,
            efficiency: 1,
            progressed: 0
        )
    }

    /// A queue of these requests, batches by model.
    private static func queue(_ entries: [RequestTable.Entry], room: Int = 4) -> RequestQueue {
        var queue = RequestQueue()
        for entry in entries {
            let place = queue.makePlace(for: entry, room: room, byDeadline: false)
            _ = queue.enter(entry, at: place)
        }
        return queue
    }

    @Test func `what an upload kept in reserve is given back when it ends`() {
        var queue = Self.queue([Self.entry(1)])
        #expect(queue.plan.outlines[0].deadline == 0.94)
        queue.finishUpload(0, at: 0.5, slack: 0.01, deadline: nil)
        #expect(queue.plan.outlines[0] == BatchOutline(model: 0, count: 1, deadline: 0.99))
        #expect(queue.plan.batches[0].readyCount == 1)
    }

    @Test func `what makes a plan harder is another version, an admission and an upload that gets on are not`() {
        var queue = Self.queue([Self.entry(1), Self.entry(2), Self.entry(3, model: 1)])
        let version = queue.version
        queue.settleUploads(since: 0, at: 1, overduePart: 0.01)
        queue.finishUpload(0, at: 0.5, slack: 0.01, deadline: nil)
        _ = queue.enter(Self.entry(4), at: queue.makePlace(for: Self.entry(4), room: 4, byDeadline: false))
        #expect(queue.version == version)
        queue.finishUpload(1, at: 0.5, slack: 0.01, deadline: 0.7)
        #expect(queue.version != version)
        let later = queue.version
        _ = queue.append(Self.entry(5))
        #expect(queue.version != later)
    }

    @Test func `a share is worked off, and what should be over still counts`() {
        var queue = Self.queue([Self.entry(1), Self.entry(2, work: 4)])
        queue.settleUploads(since: 0, at: 2, overduePart: 0.01)
        #expect(queue[0].work == 80 && queue[1].work == 0.04)
        #expect(queue.plan.outlines[0].uplinkWork == 80.04)
    }

    @Test func `by deadline, a batch moves to where its earliest deadline belongs`() {
        var queue = RequestQueue()
        let entries = [(1, 0, 0.5), (2, 1, 0.3), (3, 2, 0.4), (4, 0, 0.2)]
        for (id, model, deadline) in entries {
            let entry = Self.entry(id, model: model, deadline: deadline)
            _ = queue.enter(entry, at: queue.makePlace(for: entry, room: 4, byDeadline: true))
        }
        #expect(queue.plan.outlines.map(\.model) == [0, 1, 2])
        queue.finishUpload(1, at: 0.1, slack: 0, deadline: 0.9)
        queue.reorder(batchOf: 1)
        #expect(queue.plan.outlines.map(\.model) == [0, 2, 1])
    }

    @Test func `what is parked waits outside the plan, and leaves from there`() {
        var queue = Self.queue([Self.entry(1), Self.entry(2)])
        queue.park(0)
        #expect(queue.parked == [0] && queue.waitingCount == 2 && queue.plan.outlines[0].count == 1)
        #expect(queue.waiting(for: 0) == [1, 0])
        queue.takeOut(0)
        queue.forget(0)
        #expect(queue.parked == [] && queue.waitingCount == 1 && queue.requests.count == 1)
    }

    @Test(arguments: UInt64(0)..<30)
    func `outlines follow from members, and everyone who waits is in one place, whatever happens`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = RequestQueue()
        var (now, nextID, running) = (0.0, 0, [Int]())
        for _ in 0..<400 {
            let last = now
            now += .random(in: 0...0.02, using: &random)
            let slots = queue.plan.batches.flatMap(\.members)
            let choice = Int.random(in: 0..<12, using: &random)
            switch (choice, slots.randomElement(using: &random)) {
            case (0...3, _), (_, nil):
                nextID += 1
                let deadline = now + .random(in: 0...1, using: &random)
                let entry = Self.entry(nextID, model: .random(in: 0..<3, using: &random), deadline: deadline)
                if choice == 0 {
                    _ = queue.append(entry)
                } else {
                    _ = queue.enter(entry, at: queue.makePlace(for: entry, room: 4, byDeadline: choice == 1))
                }
            case (4...5, let slot?) where queue[slot].phase == .uploading:
                let deadline = Bool.random(using: &random) ? now + 0.1 : nil
                queue.finishUpload(slot, at: now, slack: 0.01, deadline: deadline)
            case (6, let slot?):
                let members = queue.plan.batches.first { $0.number == queue[slot].batch }?.members ?? []
                let ready = members.filter { queue[$0].phase == .ready }
                guard !ready.isEmpty else { continue }
                queue.start(ready, model: queue[slot].model)
                running += ready
            case (7, let slot?) where queue[slot].phase == .uploading: queue.park(slot)
            case (8, let slot?):
                queue.takeOut(slot)
                if Bool.random(using: &random) { queue.append(slot) } else { queue.forget(slot) }
            case (9, let slot?) where queue[slot].phase == .uploading:
                var entry = queue[slot]
                (entry.isStalled, entry.work) = (Bool.random(using: &random), entry.work / 2)
                queue.noteProgress([(slot, entry)])
            case (10, _):
                queue.settleUploads(since: last, at: now, overduePart: 0.01)
                if let slot = queue.parked.first {
                    queue.takeOut(slot)
                    queue.append(slot)
                }
                for slot in running { queue.forget(slot) }
                running = []
            default: queue.promote(.random(in: queue.plan.indices, using: &random))
            }
            #expect(Self.brokenRules(queue, running: running.count) == [], "seed \(seed)")
        }
    }

    /// In words; empty where all is well.
    private static func brokenRules(_ queue: RequestQueue, running: Int) -> [String] {
        var rules: [String] = []
        var seen: [Int] = queue.parked
        for (batch, outline) in zip(queue.plan.batches, queue.plan.outlines) {
            if batch.members.isEmpty { rules.append("batch \(batch.number) is empty") }
            let expected = queue.outline(of: batch.members, model: outline.model)
            let isSame =
                expected.count == outline.count && expected.deadline == outline.deadline
                && expected.uploadEnd == outline.uploadEnd && abs(expected.uplinkWork - outline.uplinkWork) < 1e-9
            if !isSame { rules.append("\(outline) is not \(expected)") }
            if batch.readyCount != batch.members.count(where: { queue[$0].phase == .ready }) { rules.append("ready") }
            if batch.members.contains(where: { queue[$0].batch != batch.number }) { rules.append("number") }
            seen += batch.members
        }
        if Set(seen).count != seen.count { rules.append("a request is in two places") }
        if seen.count != queue.waitingCount { rules.append("\(queue.waitingCount) wait, \(seen.count) found") }
        if queue.requests.count != seen.count + running { rules.append("a request is nowhere") }
        if Set(queue.plan.batches.map(\.number)).count != queue.plan.batches.count { rules.append("a number twice") }
        return rules
    }
}
