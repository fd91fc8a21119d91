import AdmissionControl
import ServingCore
import TestSupport
import Testing

@Suite struct CallerQuotasTests {
    private let start = MonotonicInstant.origin

    private func quotas(_ callers: Int = 100, _ set: (inout CallerLimits) -> Void) -> Quotas {
        var limits = CallerLimits()
        set(&limits)
        return Quotas(CallerQuotas(limits: limits, maximumCallers: callers))
    }

    private func instant(_ seconds: Double) -> MonotonicInstant { start.advanced(by: .clamping(seconds: seconds)) }

    @Test func `a caller gets its burst, then its rate, and is told when to come again`() throws {
        let quotas = quotas { $0.requestsPerSecond = 4 }
        for _ in 0..<4 { #expect(quotas.admit("a", bytes: 0, at: start) == nil) }
        let refusal = try #require(quotas.admit("a", bytes: 0, at: start))
        #expect(refusal.unit == .requests && refusal.limit == 4 && refusal.left == 0)
        #expect(refusal.reset == .milliseconds(250))
        #expect(quotas.admit("b", bytes: 0, at: start) == nil, "another caller's quota is its own")
        #expect(quotas.admit("a", bytes: 0, at: instant(0.24)) != nil)
        #expect(quotas.admit("a", bytes: 0, at: instant(0.25)) == nil)
    }

    @Test func `other limits hold at once, and what is under way still counts`() {
        var limits = CallerLimits()
        limits.concurrentRequests = 3
        var quotas = CallerQuotas<String>(limits: limits, maximumCallers: 10)
        for _ in 0..<2 { #expect(quotas.admit("a", bytes: 0, at: start) == nil) }
        limits.concurrentRequests = 2
        limits.requestsPerSecond = 1
        quotas.change(limits: limits, maximumCallers: 10, at: start)
        #expect(quotas.admit("a", bytes: 0, at: start)?.unit == .concurrentRequests)
        quotas.release("a")
        #expect(quotas.admit("a", bytes: 0, at: start) == nil)
        quotas.release("a")
        #expect(quotas.admit("a", bytes: 0, at: start)?.unit == .requests)
    }

    @Test func `over a long time the rate holds, however the requests come`() {
        var random = SeededGenerator(seed: 3)
        let quotas = quotas {
            $0.requestsPerSecond = 50
            $0.burst = .milliseconds(200)
        }
        let times = (0..<20_000).map { _ in Double(Int.random(in: 0..<100_000, using: &random)) / 1000 }.sorted()
        let admitted = times.count { quotas.admit("a", bytes: 0, at: instant($0)) == nil }
        // 200 a second come, 50 may pass, and 10 at once.
        #expect((4900...5010).contains(admitted), "\(admitted)")
    }

    @Test func `a body larger than the burst passes once it is full, and is paid off`() throws {
        let quotas = quotas { $0.bytesPerSecond = 1000 }
        #expect(quotas.admit("a", bytes: 5000, at: start) == nil)
        let refusal = try #require(quotas.admit("a", bytes: 1, at: start))
        #expect(refusal.unit == .contentBytes && refusal.limit == 1000 && refusal.left == 0)
        #expect(quotas.admit("a", bytes: 1000, at: instant(4.9)) != nil)
        #expect(quotas.admit("a", bytes: 1000, at: instant(5)) == nil)
    }

    @Test func `bytes of a body that was never asked for are given back`() {
        let quotas = quotas { $0.bytesPerSecond = 1000 }
        #expect(quotas.admit("a", bytes: 1000, at: start) == nil)
        quotas.release("a", unusedBytes: 1000)
        #expect(quotas.admit("a", bytes: 1000, at: start) == nil)
    }

    @Test func `a place is free again when a request is over`() {
        let quotas = quotas { $0.concurrentRequests = 2 }
        #expect(quotas.admit("a", bytes: 0, at: start) == nil)
        #expect(quotas.admit("a", bytes: 0, at: start) == nil)
        #expect(quotas.admit("a", bytes: 0, at: start)?.unit == .concurrentRequests)
        quotas.release("a")
        #expect(quotas.admit("a", bytes: 0, at: start) == nil)
        #expect(quotas.admit("a", bytes: 0, at: start) != nil)
    }

    @Test func `a refusal takes nothing`() {
        let quotas = quotas {
            $0.requestsPerSecond = 10
            $0.bytesPerSecond = 100
        }
        #expect(quotas.admit("a", bytes: 100, at: start) == nil)
        for _ in 0..<50 { #expect(quotas.admit("a", bytes: 10, at: start)?.unit == .contentBytes) }
        #expect(quotas.admit("a", bytes: 10, at: instant(0.1)) == nil)
    }

    @Test func `callers are bounded, and those with requests under way are not forgotten`() {
        let quotas = quotas(8) { $0.concurrentRequests = 1 }
        #expect(quotas.admit("kept", bytes: 0, at: start) == nil)
        for index in 0..<1000 {
            let caller = "passer-by \(index)"
            #expect(quotas.admit(caller, bytes: 0, at: instant(Double(index))) == nil)
            quotas.release(caller)
        }
        #expect(quotas.callerCount <= 9)
        #expect(quotas.admit("kept", bytes: 0, at: instant(2000))?.unit == .concurrentRequests)
    }
}

/// Quotas by reference, since the testing macros take no mutating calls.
private final class Quotas {
    private var quotas: CallerQuotas<String>

    init(_ quotas: CallerQuotas<String>) { self.quotas = quotas }

    var callerCount: Int { quotas.callerCount }

    func admit(_ caller: String, bytes: Int, at now: MonotonicInstant) -> CallerQuota? {
        quotas.admit(caller, bytes: bytes, at: now)
    }

    func release(_ caller: String, unusedBytes: Int = 0) { quotas.release(caller, unusedBytes: unusedBytes) }
}
