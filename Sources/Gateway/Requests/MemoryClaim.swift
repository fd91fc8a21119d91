internal import HTTPTransport
internal import ServingCore
private import Synchronization

/// What one body, or one answer, holds of a ``MemoryBudget``; given back when the last owner of the bytes lets go of it.
final class MemoryClaim: BodyAllowance {
    private let budget: MemoryBudget
    private let caller: CallerGate.Caller
    /// How many bytes the body announces, the most it can come to hold.
    private let announced: Int
    private let held = Atomic(0)
    private let pace: Mutex<BodyPace>

    /// Claims `announced` bytes.
    ///
    /// - Throws: why there are none.
    init(_ announced: Int, of budget: MemoryBudget, for caller: CallerGate.Caller) throws(MemoryShortage) {
        self.budget = budget
        self.caller = caller
        self.announced = announced
        pace = Mutex(BodyPace(announced: announced))
        if let shortage = budget.take(announced, for: caller) { throw MemoryShortage(shortage) }
        held.store(announced, ordering: .relaxed)
    }

    deinit {
        budget.giveBack(held.load(ordering: .acquiring), for: caller)
    }

    /// How many bytes it holds now.
    var bytes: Int { held.load(ordering: .relaxed) }

    /// Whether `bytes` bytes are held, after more were taken where that is needed and can be.
    func covers(_ bytes: Int) -> Bool {
        let wanted = min(bytes + BodyPace.step, max(announced, bytes))
        while true {
            let now = held.load(ordering: .relaxed)
            guard bytes > now else { return true }
            guard budget.take(wanted - now, for: caller) == nil else { return false }
            if exchange(now, for: wanted) { return true }
            budget.giveBack(wanted - now, for: caller)
        }
    }

    /// Holds what has arrived and what may arrive next; the rest of what was announced is given back until it comes.
    func progressed(to receivedBytes: Int, at now: MonotonicInstant) {
        let target = pace.withLock { $0.claim(received: receivedBytes, at: now) }
        let before = held.load(ordering: .relaxed)
        if target < before {
            if exchange(before, for: target) { budget.giveBack(before - target, for: caller) }
        } else if target > before, budget.take(target - before, for: caller) == nil, !exchange(before, for: target) {
            budget.giveBack(target - before, for: caller)
        }
    }

    private func exchange(_ old: Int, for new: Int) -> Bool {
        held.compareExchange(expected: old, desired: new, ordering: .relaxed).exchanged
    }
}

/// There are no bytes for a ``MemoryClaim``.
struct MemoryShortage: Error {
    let reason: MemoryBudget.Shortage

    init(_ reason: MemoryBudget.Shortage) {
        self.reason = reason
    }

    /// The refusal; `what` fills the memory.
    func error(_ what: String) -> ServingError {
        switch reason {
        case .all:
            ServingError(.queueFull, "\(what) fill the memory set aside for them", retryAfter: .seconds(1))
        case .caller:
            ServingError(
                .quotaExceeded,
                "\(what) of this caller fill the part of memory that one caller may hold",
                retryAfter: .seconds(1)
            )
        }
    }
}
