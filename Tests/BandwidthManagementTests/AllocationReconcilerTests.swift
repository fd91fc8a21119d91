import BandwidthManagement
import ServingCore
import Testing

/// What is sent to the platform, and when.
struct AllocationReconcilerTests {
    private func second(_ seconds: Double) -> MonotonicInstant { .origin.advanced(by: .clamping(seconds: seconds)) }

    private func id(_ name: String) throws -> AllocationID { try #require(AllocationID(rawValue: name)) }

    /// A reconciler whose platform holds an allocation for each of these devices, made at second 0.
    private func holding(
        _ rates: [String: Double],
        _ configuration: AllocationReconciler.Configuration = .init()
    ) throws -> AllocationReconciler {
        var reconciler = AllocationReconciler(configuration)
        reconciler.want(rates.mapValues { BitsPerSecond($0) })
        for call in reconciler.round(at: second(0)) {
            let isMade = try reconciler.finish(call, .created(id("of-\(call.device)")), at: second(0))
            #expect(isMade)
        }
        return reconciler
    }

    @Test func `A device that sends gets an allocation, and what is in step is left alone`() throws {
        var reconciler = AllocationReconciler()
        #expect(reconciler.round(at: second(0)).isEmpty)
        reconciler.want(["a": BitsPerSecond(1e6)])
        #expect(reconciler.round(at: second(0)) == [.create(device: "a", BitsPerSecond(1e6))])
        reconciler = try holding(["a": 1e6])
        #expect(reconciler.allocations == 1)
        #expect(reconciler.round(at: second(5)).isEmpty)
    }

    @Test func `Two rounds are at least the interval apart`() throws {
        var reconciler = try holding(["a": 1e6])
        reconciler.want(["a": BitsPerSecond(2e6)])
        #expect(reconciler.round(at: second(0.999)).isEmpty)
        #expect(reconciler.round(at: second(1)).count == 1)
        #expect(reconciler.nextRound == second(2))
    }

    @Test func `A round frees before it takes`() throws {
        var reconciler = try holding(["gone": 1e6, "less": 4e6, "more": 1e6])
        reconciler.want(["less": BitsPerSecond(1e6), "more": BitsPerSecond(3e6), "new": BitsPerSecond(2e6)])
        let calls = reconciler.round(at: second(1))
        #expect(
            calls == [
                .delete(try id("of-gone"), device: "gone"),
                .replace(try id("of-less"), device: "less", BitsPerSecond(1e6)),
                .replace(try id("of-more"), device: "more", BitsPerSecond(3e6)),
                .create(device: "new", BitsPerSecond(2e6)),
            ]
        )
    }

    @Test func `A change of a twentieth is not worth a call`() throws {
        var reconciler = try holding(["a": 1e6])
        reconciler.want(["a": BitsPerSecond(1.04e6)])
        #expect(reconciler.round(at: second(1)).isEmpty)
        reconciler.want(["a": BitsPerSecond(0.94e6)])
        #expect(reconciler.round(at: second(1)).count == 1)
    }

    @Test func `While the platform is not available, the time between attempts doubles up to a limit`() throws {
        var configuration = AllocationReconciler.Configuration()
        configuration.longestBackOff = .seconds(10)
        var reconciler = AllocationReconciler(configuration)
        reconciler.want(["a": BitsPerSecond(1e6), "b": BitsPerSecond(1e6)])
        var (now, waits): (Double, [Double]) = (0, [])
        for _ in 0..<5 {
            let calls = reconciler.round(at: second(now))
            #expect(calls.count == 2)
            // The rest of the round is not tried.
            let taken1 = reconciler.finish(calls[0], .unavailable, at: second(now))
            #expect(!taken1)
            let next = MonotonicInstant.origin.seconds(to: reconciler.nextRound)
            waits.append(next - now)
            now = next
        }
        #expect(waits == [2, 4, 8, 10, 10])
        let calls = reconciler.round(at: second(now))
        let isMade = try reconciler.finish(calls[0], .created(id("x")), at: second(now))
        #expect(isMade)
        #expect(MonotonicInstant.origin.seconds(to: reconciler.nextRound) == now + 1)
    }

    @Test func `An allocation the platform does not know any more is made anew`() throws {
        var reconciler = try holding(["a": 1e6])
        reconciler.want(["a": BitsPerSecond(2e6)])
        let call = try #require(reconciler.round(at: second(1)).first)
        let taken2 = reconciler.finish(call, .gone, at: second(1))
        #expect(taken2)
        #expect(reconciler.round(at: second(2)) == [.create(device: "a", BitsPerSecond(2e6))])
    }

    @Test func `A refused device is left alone for a while, others are not`() throws {
        var reconciler = AllocationReconciler()
        reconciler.want(["a": BitsPerSecond(1e6), "b": BitsPerSecond(1e6)])
        let calls = reconciler.round(at: second(0))
        let taken3 = reconciler.finish(calls[0], .refused, at: second(0))
        #expect(taken3)
        let isMade = try reconciler.finish(calls[1], .created(id("b1")), at: second(0))
        #expect(isMade)
        #expect(reconciler.round(at: second(59)).isEmpty)
        #expect(reconciler.round(at: second(60)) == [.create(device: "a", BitsPerSecond(1e6))])
    }

    @Test func `No more devices than allowed have an allocation`() {
        var configuration = AllocationReconciler.Configuration()
        configuration.maximumAllocations = 2
        var reconciler = AllocationReconciler(configuration)
        reconciler.want(["a": BitsPerSecond(1e6), "b": BitsPerSecond(1e6), "c": BitsPerSecond(1e6)])
        #expect(reconciler.round(at: second(0)).map(\.device) == ["a", "b"])
    }

    @Test func `Shares that are no rate are not handed over`() {
        var reconciler = AllocationReconciler()
        reconciler.want(["a": BitsPerSecond(.infinity), "b": BitsPerSecond(.nan), "c": BitsPerSecond(0)])
        #expect(reconciler.round(at: second(0)).isEmpty)
    }

    @Test func `At the end all allocations are taken away`() throws {
        let reconciler = try holding(["b": 1e6, "a": 1e6])
        #expect(
            reconciler.release == [.delete(try id("of-a"), device: "a"), .delete(try id("of-b"), device: "b")]
        )
    }

    @Test(arguments: ["", ".", "..", "a/b", "a?b", "a b", "a\r\nb", "a#b", "ä"])
    func `A name that would not be one part of a path is none`(_ text: String) {
        #expect(AllocationID(rawValue: text) == nil)
    }
}
