internal import ServingCore
private import Synchronization

/// Counts the bytes that bodies, or answers, may hold at once, so that memory is bounded whatever arrives, and no caller holds
/// all of it.
final class MemoryBudget: Sendable {
    /// What no claim was given for.
    enum Shortage: Hashable, Sendable {
        /// All that there is, is held.
        case all
        /// The caller holds all that one caller may.
        case caller
    }

    private struct State {
        var used = 0
        var held: [CallerGate.Caller: Int] = [:]
    }

    private let limit: Int
    private let callerLimit: Int
    private let state = Mutex(State())

    /// Gives out `limit` bytes, and no caller more than `callerPart` of them.
    init(limit: ByteCount, callerPart: Double = 1) {
        self.limit = limit.rawValue
        callerLimit = callerPart < 1 ? Int(Double(limit.rawValue) * max(callerPart, 0)) : limit.rawValue
    }

    /// How many bytes are held.
    var used: Int { state.withLock { $0.used } }

    /// Takes `bytes` for a caller; nil, or why none were taken. O(1).
    func take(_ bytes: Int, for caller: CallerGate.Caller) -> Shortage? {
        state.withLock { state in
            let held = state.held[caller, default: 0]
            // The limits are no more than 2^50: neither sum overflows once it is known that `bytes` fit.
            guard bytes <= limit, state.used + bytes <= limit else { return .all }
            guard held + bytes <= callerLimit else { return .caller }
            state.used += bytes
            state.held[caller] = held + bytes
            return nil
        }
    }

    /// Gives back what ``take(_:for:)`` took. O(1).
    func giveBack(_ bytes: Int, for caller: CallerGate.Caller) {
        guard bytes > 0 else { return }
        state.withLock { state in
            state.used -= bytes
            let held = state.held[caller, default: 0] - bytes
            // Callers that hold nothing are forgotten: addresses have no end.
            state.held[caller] = held > 0 ? held : nil
        }
    }
}
