public import ServingCore

/// Decides for each inference request whether its caller's own quota covers it, with time as a parameter.
///
/// Knows a bounded number of callers: beyond it, those that have nothing under way and were seen longest ago are
/// forgotten, which gives them a full quota again. Callers with requests under way are never forgotten; the bound on
/// connections bounds them.
public struct CallerQuotas<Caller: Hashable & Sendable>: Sendable {
    private struct Account {
        var requests: QuotaBucket?
        var bytes: QuotaBucket?
        var underWay = 0
        var seen: MonotonicInstant
    }

    private var limits: CallerLimits
    private var maximumCallers: Int
    private var accounts: [Caller: Account] = [:]

    /// Nobody has asked for anything yet.
    public init(limits: CallerLimits, maximumCallers: Int) {
        self.limits = limits
        self.maximumCallers = max(maximumCallers, 1)
    }

    /// Sets other limits from `now` on: what is under way still counts, what was used of the rates does not.
    ///
    /// - Complexity: O(callers known).
    public mutating func change(limits: CallerLimits, maximumCallers: Int, at now: MonotonicInstant) {
        self.limits = limits
        self.maximumCallers = max(maximumCallers, 1)
        for (caller, old) in accounts {
            var account = newAccount(at: now)
            (account.underWay, account.seen) = (old.underWay, old.seen)
            accounts[caller] = account
        }
    }

    /// How many callers are known.
    public var callerCount: Int { accounts.count }

    /// Takes a request with a body of `bytes` from the caller's quota; nil where it is covered, else what it exceeds,
    /// and nothing is taken.
    ///
    /// - Complexity: O(1), amortised over the callers that come.
    public mutating func admit(_ caller: Caller, bytes: Int, at now: MonotonicInstant) -> CallerQuota? {
        if accounts[caller] == nil, accounts.count >= maximumCallers { forget() }
        var account = accounts.removeValue(forKey: caller) ?? newAccount(at: now)
        defer { accounts[caller] = account }
        account.seen = now
        account.requests?.refill(at: now)
        account.bytes?.refill(at: now)
        if let exceeded = exceeded(account, Double(bytes)) { return exceeded }
        account.requests?.take(1)
        account.bytes?.take(Double(bytes))
        account.underWay += 1
        return nil
    }

    /// A request is over; `unusedBytes` of its body were never asked for.
    public mutating func release(_ caller: Caller, unusedBytes: Int = 0) {
        guard var account = accounts.removeValue(forKey: caller) else { return }
        account.underWay = max(account.underWay - 1, 0)
        account.bytes?.take(-Double(unusedBytes))
        accounts[caller] = account
    }

    private func exceeded(_ account: Account, _ bytes: Double) -> CallerQuota? {
        if let limit = limits.concurrentRequests, account.underWay >= limit {
            // When one of them ends is not known; a second is what clients wait at least.
            return CallerQuota(unit: .concurrentRequests, limit: limit, window: .zero, left: 0, reset: .seconds(1))
        }
        return exceeded(account.requests, 1, .requests) ?? exceeded(account.bytes, bytes, .contentBytes)
    }

    private func exceeded(_ bucket: QuotaBucket?, _ amount: Double, _ unit: CallerQuota.Unit) -> CallerQuota? {
        guard let bucket, let wait = bucket.wait(for: amount) else { return nil }
        return CallerQuota(
            unit: unit,
            limit: Int(min(bucket.capacity, 1e15)),
            window: bucket.window,
            left: Int(min(max(bucket.tokens, 0), 1e15)),
            reset: wait
        )
    }

    private func newAccount(at now: MonotonicInstant) -> Account {
        Account(
            requests: limits.requestsPerSecond.map { QuotaBucket(rate: $0, burst: limits.burst, at: now) },
            bytes: limits.bytesPerSecond.map { QuotaBucket(rate: $0, burst: limits.burst, at: now) },
            seen: now
        )
    }

    /// Forgets a quarter of the callers, at least one, so that it need not be done again soon.
    private mutating func forget() {
        let idle = accounts.filter { $0.value.underWay == 0 }.sorted { $0.value.seen < $1.value.seen }
        for (caller, _) in idle.prefix(max(maximumCallers / 4, 1)) { accounts[caller] = nil }
    }
}
