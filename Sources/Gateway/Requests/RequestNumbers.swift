internal import ServingCore
private import Synchronization

/// Numbers for requests, each once, in order; those that cannot be guessed end in bits that only this process can work out.
struct RequestNumbers: Sendable {
    private final class Last: Sendable {
        let number = Atomic<UInt64>(0)
        let isGuessable = Atomic(true)
    }

    private static let suffixBits: UInt64 = 24

    private let last = Last()

    /// Numbers from 1 on; with `isGuessable` false, each followed by bits that do not follow from any other's.
    init(isGuessable: Bool) {
        last.isGuessable.store(isGuessable, ordering: .relaxed)
    }

    /// Numbers that cannot be guessed from now on; there is no way back, or numbers might come twice.
    func hide() {
        last.isGuessable.store(false, ordering: .relaxed)
    }

    /// The next number. O(1), without a lock.
    func next() -> RequestID {
        let number = last.number.wrappingAdd(1, ordering: .relaxed).newValue
        guard !last.isGuessable.load(ordering: .relaxed) else { return RequestID(rawValue: number) }
        // Keyed by the process's own random seed (SipHash).
        var hasher = Hasher()
        hasher.combine(number)
        let suffix = UInt64(truncatingIfNeeded: hasher.finalize()) & ((1 << Self.suffixBits) - 1)
        return RequestID(rawValue: number << Self.suffixBits | suffix)
    }
}
