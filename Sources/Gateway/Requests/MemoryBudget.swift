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
        /// How many callers are remembered before those that hold nothing are forgotten: addresses have no end.
        var room = 1024

        /// Looks a caller up once; false where it would hold more than `limit`.
        mutating func add(_ bytes: Int, to caller: CallerGate.Caller, limit: Int) -> Bool {
            if held.count >= room {
                held = held.filter { $0.value > 0 }
                room = max(1024, 2 * held.count)
            }
            return Self.add(bytes, to: &held[caller, default: 0], limit: limit)
        }

        private static func add(_ bytes: Int, to held: inout Int, limit: Int) -> Bool {
            guard held + bytes <= limit else { return false }
            held += bytes
            return true
        }
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

    /// Takes `bytes` for a caller; nil, or why none were taken. O(1) on average.
    func take(_ bytes: Int, for caller: CallerGate.Caller) -> Shortage? {
        state.withLock { state in
            // The limits are no more than 2^50: neither sum overflows once it is known that `bytes` fit.
            guard bytes <= limit, state.used + bytes <= limit else { return .all }
            guard state.add(bytes, to: caller, limit: callerLimit) else { return .caller }
            state.used += bytes
            return nil
        }
    }

    /// Gives back what ``take(_:for:)`` took. O(1).
    func giveBack(_ bytes: Int, for caller: CallerGate.Caller) {
        guard bytes > 0 else { return }
        state.withLock { state in
            state.used -= bytes
            state.held[caller, default: bytes] -= bytes
        }
    }
}
