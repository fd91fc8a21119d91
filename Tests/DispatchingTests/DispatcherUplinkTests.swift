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
        #expect(abs((rate(bench.arrive(1, bytes: 100_000)) ?? 0) - 8e6 * 0.97) < 1)
        bench.now = bench.now.advanced(by: .milliseconds(10))
        let second = rate(bench.arrive(2, bytes: 100_000)) ?? 0
        #expect(second > 3e6 && second < 5e6)
        #expect((bench.dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 8e6 * 1.001)
        let actions = bench.send(.uploadFinished(RequestID(rawValue: 1)), after: .milliseconds(10))
        let raised = actions.contains {
            if case .setUploadRate(RequestID(rawValue: 2), let rate) = $0 { rate?.rawValue ?? 0 > 7.9e6 } else { false }
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
}
