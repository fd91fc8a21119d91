public import ServingCore

/// Decides which calls bring the platform's allocations in step with the shares that devices are granted.
///
/// Calls go out in rounds, at most one per interval. A round frees first (deletes, then lower rates) and takes after, so that
/// the allocations never sum to more than shares did at some moment. Where the platform is unavailable the round ends, and the next
/// comes after twice the time, up to a limit; a device whose allocation was refused is left alone for that longest time.
public struct AllocationReconciler: Hashable, Sendable {
    /// How often and how much.
    public struct Configuration: Hashable, Sendable {
        /// The shortest time from the begin of one round to the begin of the next.
        public var interval: Duration = .seconds(1)
        /// The longest time without an attempt, however often they failed.
        public var longestBackOff: Duration = .seconds(60)
        /// How many devices have an allocation at most; the others go without.
        public var maximumAllocations = 1024
        /// A rate that changes by no more than this part is left as it is.
        public var worthwhileChange = 0.05

        /// Makes the defaults.
        public init() {}
    }

    private struct Held: Hashable {
        var id: AllocationID
        var rate: BitsPerSecond
    }

    /// How often and how much.
    public let configuration: Configuration
    /// When the next round may begin.
    public private(set) var nextRound = MonotonicInstant.origin
    private var wanted: [String: BitsPerSecond] = [:]
    private var held: [String: Held] = [:]
    private var refusedUntil: [String: MonotonicInstant] = [:]
    private var failedRounds = 0

    /// Starts with no allocation.
    public init(_ configuration: Configuration = Configuration()) { self.configuration = configuration }

    /// How many allocations the platform holds for us.
    public var allocations: Int { held.count }

    /// Takes in what each device is granted now; one that is not named sends nothing.
    public mutating func want(_ shares: [String: BitsPerSecond]) {
        wanted = shares.filter { $0.value.rawValue >= 1 && $0.value.rawValue.isFinite }
    }

    /// The calls of the round that begins at `now`, in order; none where it is too early or all is in step.
    /// - Complexity: O(devices * log(devices)).
    public mutating func round(at now: MonotonicInstant) -> [AllocationCall] {
        guard now >= nextRound else { return [] }
        refusedUntil = refusedUntil.filter { $0.value > now }
        let calls = deletions + changes + creations
        if !calls.isEmpty { nextRound = now.advanced(by: configuration.interval) }
        return calls
    }

    /// What takes away every allocation, for the end.
    public var release: [AllocationCall] {
        held.sorted { $0.key < $1.key }.map { .delete($0.value.id, device: $0.key) }
    }

    /// Takes in what came of a call; false where the rest of the round is not to be tried.
    public mutating func finish(_ call: AllocationCall, _ result: AllocationResult, at now: MonotonicInstant) -> Bool {
        switch (call, result) {
        case (_, .unavailable), (.create, .done), (.create, .gone):
            backOff(at: now)
            return false
        case (.create(let device, let rate), .created(let id)): held[device] = Held(id: id, rate: rate)
        case (.replace(let id, let device, let rate), .done): held[device] = Held(id: id, rate: rate)
        case (.delete(_, let device), _), (.replace(_, let device, _), .gone): held[device] = nil
        case (_, .refused), (.replace, .created):
            refusedUntil[call.device] = now.advanced(by: configuration.longestBackOff)
        }
        failedRounds = 0
        return true
    }

    private var deletions: [AllocationCall] {
        release.filter { wanted[$0.device] == nil }
    }

    private var changes: [AllocationCall] {
        var found: [(change: Double, call: AllocationCall)] = []
        for (device, old) in held where refusedUntil[device] == nil {
            guard let rate = wanted[device] else { continue }
            let change = rate.rawValue - old.rate.rawValue
            guard abs(change) > configuration.worthwhileChange * old.rate.rawValue else { continue }
            found.append((change, .replace(old.id, device: device, rate)))
        }
        return found.sorted { ($0.change, $0.call.device) < ($1.change, $1.call.device) }.map(\.call)
    }

    private var creations: [AllocationCall] {
        let room = configuration.maximumAllocations - held.count + deletions.count
        let new = wanted.filter { held[$0.key] == nil && refusedUntil[$0.key] == nil }
        return new.sorted { $0.key < $1.key }.prefix(max(room, 0)).map { .create(device: $0.key, $0.value) }
    }

    private mutating func backOff(at now: MonotonicInstant) {
        failedRounds = min(failedRounds + 1, 30)
        let wait = configuration.interval.inSeconds * Double(1 << failedRounds)
        let longest = max(configuration.longestBackOff, configuration.interval)
        nextRound = now.advanced(by: min(.clamping(seconds: wait), longest))
    }
}
