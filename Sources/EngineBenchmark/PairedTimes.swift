/// Two things measured in turns, so that whatever else the machine does hits both alike.
struct PairedTimes {
    private var ours: [(wall: Double, processor: Double)] = []
    private var peers: [(wall: Double, processor: Double)] = []

    /// Measures both `rounds` times, after one round that does not count; each says what it took.
    init(
        rounds: Int,
        ours measureOurs: () throws -> (wall: Double, processor: Double),
        peer measurePeer: () throws -> (wall: Double, processor: Double)
    ) rethrows {
        for round in 0...rounds {
            // The order alternates: whoever comes second finds other caches.
            if round.isMultiple(of: 2) { peers.append(try measurePeer()) }
            ours.append(try measureOurs())
            if !round.isMultiple(of: 2) { peers.append(try measurePeer()) }
        }
        ours.removeFirst()
        peers.removeFirst()
    }

    /// The median of the rounds' ratios, ours over the peer's, in wall time.
    var wallRatio: Double { Self.median(zip(ours, peers).map { $0.wall / $1.wall }) }
    /// The same in the process's CPU time.
    var processorRatio: Double { Self.median(zip(ours, peers).map { $0.processor / $1.processor }) }

    /// What bars are held against: wall time, which is what a request waits for.
    var ratio: Double { wallRatio }

    /// Medians for people.
    var text: String {
        let mine = Self.median(ours.map(\.wall)).milliseconds
        let theirs = Self.median(peers.map(\.wall)).milliseconds
        return "\(mine) against \(theirs), ratio \(wallRatio.rounded3) (CPU time \(processorRatio.rounded3))"
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }
}

extension Double {
    /// Seconds as milliseconds.
    var milliseconds: String { "\((self * 1e5).rounded() / 100) ms" }
    /// Three places behind the point.
    var rounded3: String { "\((self * 1000).rounded() / 1000)" }
    /// Bytes as megabytes.
    var megabytes: String { "\((self / 1e5).rounded() / 10) MB" }
}
