import Dispatching
import ServingCore
import Testing

/// How uploads share the uplink.
struct DispatcherUplinkTests {
    private var bench = DispatcherBench()

    @Test mutating func `uploads share the uplink and get more when another ends`() throws {
        bench.start { $0.uplink = .rate(BitsPerSecond(8e6)) }
        func rate(_ actions: [DispatchAction]) -> Double? {
            for case .admit(_, let grant) in actions { return grant.rate?.rawValue }
            return nil
        }
        // Alone it gets all there is, from its grant on: no later rate has to say so.
        let first = bench.arrive(1, bytes: 100_000)
        #expect(abs((rate(first) ?? 0) - 8e6) < 1)
        #expect(!first.contains { if case .setUploadRate = $0 { true } else { false } })
        bench.now = bench.now.advanced(by: .milliseconds(10))
        let second = rate(bench.arrive(2, bytes: 100_000)) ?? 0
        #expect(second > 3e6 && second < 5e6)
        #expect((bench.dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 8e6 * 1.001)
        let actions = bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(10))
        let raised = actions.contains {
            guard case .setUploadRate(RequestID(rawValue: 2), let rate, _) = $0 else { return false }
            return rate?.rawValue ?? 0 > 7.9e6
        }
        #expect(raised)
    }

    @Test mutating func `an uplink that is promised away refuses`() throws {
        bench.start { $0.uplink = .rate(BitsPerSecond(8e6)) }
        #expect(bench.isAdmitted(bench.arrive(1, within: .milliseconds(200), bytes: 150_000)))
        #expect(
            bench.rejection(bench.arrive(2, within: .milliseconds(200), bytes: 150_000))?.code == .uplinkUnavailable
        )
    }

    @Test(arguments: [(1000, 30), (110, 20)])
    mutating func `a paced upload is planned to end before it must, by a part of a short time`(
        within: Int,
        earlier: Double
    ) throws {
        /// Seconds from an arrival to its batch's latest start.
        func latestStart(reserve: Int, bytes: Int, uplink: UplinkConfiguration) throws -> Double {
            bench.start {
                $0.uplink = uplink
                $0.uploadReserve = .milliseconds(reserve)
                $0.safetySlack = .milliseconds(10)
            }
            try bench.warmUp()
            _ = bench.arrive(1, within: .milliseconds(within), bytes: bytes)
            let batch = try #require(bench.dispatcher.plannedBatches(at: bench.now).first)
            return bench.now.seconds(to: batch.latestStart)
        }
        let paced = UplinkConfiguration.rate(BitsPerSecond(8e6))
        for (uplink, bytes, expected) in [(paced, 1000, earlier * 1e-3), (paced, 0, 0), (.unpaced(), 1000, 0)] {
            let without = try latestStart(reserve: 0, bytes: bytes, uplink: uplink)
            let with = try latestStart(reserve: 30, bytes: bytes, uplink: uplink)
            #expect(abs(without - with - expected) < 1e-6, "\(uplink), \(bytes) bytes")
        }
    }

    @Test mutating func `what a paced upload kept in reserve is given back when it is over`() throws {
        bench.start { ($0.uplink, $0.uploadReserve) = (.rate(BitsPerSecond(8e6)), .milliseconds(50)) }
        try bench.warmUp()
        _ = bench.arrive(1)
        let busy = bench.run(bench.send(.uploadFinished(RequestID(rawValue: 1))))
        _ = bench.arrive(2, within: .milliseconds(500))
        let before = try #require(bench.dispatcher.plannedBatches(at: bench.now).first?.latestStart)
        #expect(bench.send(.uploadFinished(RequestID(rawValue: 2))).isEmpty)
        let after = try #require(bench.dispatcher.plannedBatches(at: bench.now).first?.latestStart)
        #expect(abs(before.seconds(to: after) - 0.05) < 1e-6)
        #expect(busy != nil)
    }

    @Test mutating func `the rates of an upload are numbered in the order they are decided`() throws {
        bench.start { ($0.uplink, $0.shareInterval) = (.rate(BitsPerSecond(8e6)), .zero) }
        try bench.warmUp()
        _ = bench.arrive(1, within: .seconds(9), bytes: 500_000)
        var revisions: [Int] = []
        for id in UInt64(2)...6 {
            for case .setUploadRate(RequestID(rawValue: 1), _, let revision) in bench.arrive(id, bytes: 100_000) {
                revisions.append(revision)
            }
            _ = bench.send(.cancelled(RequestID(rawValue: id)), after: .milliseconds(5))
        }
        #expect(revisions.count > 2)
        #expect(revisions == revisions.sorted() && Set(revisions).count == revisions.count)
        #expect(revisions.allSatisfy { $0 > 0 })
    }
}
