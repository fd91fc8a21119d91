import Dispatching
import HTTPTransport
import ServingCore
import Synchronization
import TestSupport
import Testing

@testable import Gateway

struct UplinkMonitorTests {
    private static let device = "10.0.0.1"

    private func monitor(
        _ clock: TickingClock,
        _ change: (inout GatewayConfiguration.Uplink) -> Void = { _ in }
    ) -> UplinkMonitor {
        var settings = GatewayConfiguration().uplink
        change(&settings)
        return UplinkMonitor(settings) { clock.now() }
    }

    @Test func `heads do not wait while uploads are looked at`() {
        let clock = TickingClock(step: .milliseconds(1))
        let monitor = monitor(clock)
        monitor.watch(RequestID(rawValue: 1), of: Self.device) {
            // What a head of another request does meanwhile; with the monitor locked it would never end.
            _ = monitor.linkRate(of: Self.device)
            monitor.watch(RequestID(rawValue: 2), of: "10.0.0.2") {
                UploadProgress(receivedBytes: 0, held: .zero, at: clock.now())
            }
            monitor.forget(RequestID(rawValue: 2))
            return UploadProgress(receivedBytes: 500, held: .zero, at: clock.now())
        }
        #expect(monitor.look { _ in }.map(\.receivedBytes) == [500])
    }

    @Test func `a body that came faster than is assumed shows that its link is at least so fast`() throws {
        let clock = TickingClock(step: .milliseconds(8))
        let monitor = monitor(clock)
        #expect(monitor.linkRate(of: Self.device) == nil)
        monitor.watch(RequestID(rawValue: 1), of: Self.device) {
            UploadProgress(receivedBytes: 0, held: .zero, at: clock.now())
        }
        monitor.finish(RequestID(rawValue: 1), bytes: 1_000_000)
        let rate = try #require(monitor.linkRate(of: Self.device)?.rawValue)
        #expect(rate > 700e6 && rate < 1000e6)
        #expect(monitor.linkRate(of: "10.0.0.2") == nil)
    }

    @Test func `a body that buffers may have held shows nothing, nor does any where uploads are paced`() {
        let clock = TickingClock(step: .milliseconds(8))
        for (bytes, rate) in [(100_000, nil), (1_000_000, BitsPerSecond(1e9))] {
            let monitor = monitor(clock) { $0.bitsPerSecond = rate }
            monitor.watch(RequestID(rawValue: 1), of: Self.device) {
                UploadProgress(receivedBytes: 0, held: .zero, at: clock.now())
            }
            monitor.finish(RequestID(rawValue: 1), bytes: bytes)
            #expect(monitor.linkRate(of: Self.device) == nil)
        }
    }
}
