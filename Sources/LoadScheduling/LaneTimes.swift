/// When each of an accelerator's lanes is free, in seconds: at least one lane, each of which runs one batch at a time.
public struct LaneTimes: Hashable, Sendable {
    /// The first lane; kept apart, so that one lane needs no array.
    private var first: Double
    private var others: [Double]

    /// Makes `count` lanes, one at least, that are all free at `time`.
    public init(_ count: Int = 1, freeAt time: Double = 0) {
        first = time
        others = count > 1 ? Array(repeating: time, count: count - 1) : []
    }

    /// How many lanes there are.
    public var count: Int { others.count + 1 }

    /// When the lane numbered `lane`, one of 0 to ``count`` - 1, is free.
    public subscript(lane: Int) -> Double {
        get { lane == 0 ? first : others[lane - 1] }
        set { if lane == 0 { first = newValue } else { others[lane - 1] = newValue } }
    }

    /// When the first of them is free.
    public var earliest: Double { others.reduce(first, min) }

    /// When all of them are free.
    public var latest: Double { others.reduce(first, max) }

    /// The lane for a batch that is ready at `time`: the one free last before that, so that others stay for batches that are ready
    /// sooner; where none is, the one free first.
    /// - Complexity: O(lanes).
    public func lane(readyAt time: Double) -> Int {
        guard !others.isEmpty else { return 0 }
        var best = 0
        for lane in 1..<count where isBetter(self[lane], than: self[best], at: time) { best = lane }
        return best
    }

    private func isBetter(_ free: Double, than other: Double, at time: Double) -> Bool {
        other <= time ? free <= time && free > other : free < other
    }

    /// The part of the lanes other than `lane` that is not free at `time`; 0 where there is one lane.
    /// - Complexity: O(lanes).
    public func busyPart(at time: Double, beside lane: Int) -> Double {
        guard !others.isEmpty else { return 0 }
        var busy = 0
        for other in 0..<count where other != lane && self[other] > time { busy += 1 }
        return Double(busy) / Double(others.count)
    }

    /// All lanes are free at `time`.
    public mutating func free(at time: Double) {
        first = time
        for lane in others.indices { others[lane] = time }
    }

    /// No lane is free before `time`.
    public mutating func advance(to time: Double) {
        first = max(first, time)
        for lane in others.indices { others[lane] = max(others[lane], time) }
    }

    /// Has `count` lanes, one at least; new ones are free when the first is.
    public mutating func resize(to count: Int) {
        let free = earliest
        while self.count > max(count, 1) { others.removeLast() }
        while self.count < count { others.append(free) }
    }
}
