import BandwidthAllocation
import LoadScheduling
import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct UploadSchedulerTests {
    private static func scheduler(_ change: (inout DispatcherConfiguration) -> Void = { _ in }) -> UploadScheduler {
        var configuration = DispatcherConfiguration(memoryLimit: 10, uplink: .rate(BitsPerSecond(1000)))
        change(&configuration)
        return UploadScheduler(configuration)
    }

    private static func entry(_ id: Int, model: Int = 0, bits: Double = 100, deadline: Double = 1) -> RequestTable.Entry
    {
        RequestTable.Entry(
            id: RequestID(rawValue: UInt64(id)),
            model: model,
            phase: .uploading,
            batch: -1,
            deadline: deadline,
            slack: 0,
            uploadEnd: -.infinity,
            since: 0,
            work: bits,
            wholeWork: bits,
            share: 0,
            efficiency: 1,
            wholeBits: bits,
            progressed: 0
        )
    }

    private static func queue(_ entries: [RequestTable.Entry]) -> RequestQueue {
        var queue = RequestQueue()
        for entry in entries {
            _ = queue.enter(entry, at: queue.makePlace(for: entry, room: 8, byDeadline: false))
        }
        return queue
    }

    private static let costs: CostModel = {
        var costs = CostModel(server: EdgeServer(memoryBytes: 10), estimates: EstimateConfiguration())
        for place in 0..<4 {
            let estimate = ComputeEstimate(base: 0.01, item: 0.01, isMeasured: true)
            let model = EdgeServer.Model(blocks: [], baseSeconds: 0, itemSeconds: 0)
            costs.insert(model, at: place, estimate, shape: [place], caution: 1)
        }
        return costs
    }()

    private static func report(_ id: Int, bytes: Int, isHeld: Bool = false, rate: Double? = nil) -> UploadReport {
        UploadReport(
            id: RequestID(rawValue: UInt64(id)),
            receivedBytes: ByteCount(bytes),
            isHeld: isHeld,
            linkRate: rate.map { BitsPerSecond($0) }
        )
    }

    @Test func `shares are solved after a change, and not more often than they may be`() {
        var uploads = Self.scheduler { $0.shareInterval = .milliseconds(2) }
        var turns = [uploads.takeTurn(at: 1)]
        uploads.noteChange()
        turns.append(uploads.takeTurn(at: 1))
        uploads.noteChange()
        turns.append(uploads.takeTurn(at: 1.001))
        #expect(uploads.nextSolve == 1.002)
        turns.append(uploads.takeTurn(at: 1.0021))
        #expect(turns == [false, true, false, true])
        #expect(uploads.nextSolve == .infinity)
    }

    @Test func `an upload that is not paced gets no share`() {
        var uploads = Self.scheduler { $0.uplink = .unpaced() }
        uploads.noteChange()
        let isSolved = uploads.takeTurn(at: 1)
        #expect(!uploads.isPaced && !isSolved)
    }

    @Test func `without a plan each gets as much, and what a device cannot use goes to the others`() {
        let uploads = Self.scheduler { $0.policy = .lru }
        var slow = Self.entry(1)
        slow.maximumShare = 80
        var queue = Self.queue([slow, Self.entry(2), Self.entry(3)])
        let changes = uploads.solve(&queue, latestStarts: [1], costs: Self.costs, at: 0)
        #expect(changes.map(\.slot) == [0, 1, 2])
        #expect(changes.map(\.share.rawValue) == [100, 450, 450])
        let again = uploads.solve(&queue, latestStarts: [1], costs: Self.costs, at: 0)
        #expect(again.isEmpty)
    }

    @Test func `where not all can be in time, those that go on keep what they need`() {
        let uploads = Self.scheduler()
        var queue = Self.queue([
            Self.entry(1, bits: 600), Self.entry(2, model: 1, bits: 300), Self.entry(3, model: 2, bits: 600),
        ])
        let changes = uploads.solve(&queue, latestStarts: [1, 1, 1], costs: Self.costs, at: 0)
        let shares = changes.map(\.share.rawValue)
        #expect(shares.reduce(0, +) <= 1000 * (1 + 1e-9))
        #expect(shares.count(where: { $0 >= 300 }) >= 2)
    }

    @Test func `a report says what is left, how fast its device is, and when it has stalled`() {
        var uploads = Self.scheduler { $0.stallTime = .milliseconds(250) }
        let moving = uploads.progress(of: Self.entry(1, bits: 800), by: Self.report(1, bytes: 50, rate: 200), at: 0.2)
        #expect(moving.work == 400 && moving.maximumShare == 200 && moving.uploadEnd == 2.2 && moving.progressed == 0.2)
        let silent = uploads.progress(of: moving, by: Self.report(1, bytes: 50), at: 0.5)
        #expect(silent.isStalled && silent.maximumShare == .infinity)
        let held = uploads.progress(of: moving, by: Self.report(1, bytes: 50, isHeld: true), at: 0.5)
        #expect(!held.isStalled)
        #expect(uploads.isTooSlow(moving, compute: 0.1) && !uploads.isTooSlow(silent, compute: 0.1))
        #expect(uploads.isBeyond(Hertz(400), moving, compute: 0.1, at: 0.2))
        #expect(!uploads.isBeyond(Hertz(4000), moving, compute: 0.1, at: 0.2))
    }

    @Test func `the uplink counts as full until it is seen to be used less`() {
        var uploads = Self.scheduler()
        var isCrowded: [Bool] = []
        for step in 1...10 { isCrowded.append(uploads.noteReported(at: 0.1 * Double(step))) }
        #expect(isCrowded.last == false)
        for step in 11...40 {
            uploads.noteEnd(of: Self.entry(step, bits: 95))
            isCrowded.append(uploads.noteReported(at: 0.1 * Double(step)))
        }
        #expect(isCrowded.last == true)
    }

    @Test(arguments: UInt64(0)..<20, [ShareRule.equal, .constant, .varying])
    func `shares come to no more than there is, and no work is lost or made`(
        seed: UInt64,
        rule: ShareRule
    ) {
        var random = SeededGenerator(seed: seed)
        var uploads = Self.scheduler {
            ($0.policy, $0.shareInterval) = (rule == .equal ? .lru : .partial, .zero)
            $0.allocation = rule == .varying ? .varying : .constant
        }
        var entries: [RequestTable.Entry] = []
        for id in 0..<Int.random(in: 1...12, using: &random) {
            var entry = Self.entry(id, model: id % 4, bits: .random(in: 1...300, using: &random))
            if Bool.random(using: &random) { entry.maximumShare = .random(in: 10...500, using: &random) }
            entries.append(entry)
        }
        var queue = Self.queue(entries)
        var now = 0.0
        for _ in 0..<60 {
            let last = queue.requests
            now += .random(in: 1e-4...0.02, using: &random)
            uploads.settle(&queue, at: now)
            for slot in entries.indices {
                let most = max(last[slot].work, 0.002 * last[slot].wholeWork)
                #expect(queue[slot].work > 0 && queue[slot].work <= most, "seed \(seed)")
            }
            uploads.noteChange()
            guard uploads.takeTurn(at: now) else { continue }
            let starts = queue.plan.indices.map { _ in now + .random(in: 0.01...1, using: &random) }
            _ = uploads.solve(&queue, latestStarts: starts, costs: Self.costs, at: now)
            let sum = entries.indices.reduce(0) { $0 + queue[$1].share }
            // Where they take turns, the next may begin while the last of one before it is still under way.
            guard rule != .varying else { continue }
            #expect(sum <= 1000 * (1 + UploadScheduler.worthwhileFall + 1e-9), "seed \(seed): \(sum)")
        }
    }
}
