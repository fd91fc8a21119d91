/// A source of weights that a seed and a name fix: equal seeds and names give equal bytes on every machine.
struct ZooGenerator {
    private var state: UInt64

    /// Starts the sequence of `name` under `seed`.
    init(seed: UInt64, name: String) {
        state = name.utf8.reduce(seed &+ 0x9e37_79b9_7f4a_7c15) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    /// The next 64 bits (SplitMix64).
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Fills `values` uniformly from -bound to bound.
    mutating func fill(_ values: UnsafeMutableBufferPointer<Float>, bound: Float) {
        let scale = bound / Float(1 << 23)
        for index in stride(from: 0, to: values.count, by: 2) {
            let bits = next()
            values[index] = Float(Int32(truncatingIfNeeded: bits) >> 8) * scale
            if index + 1 < values.count {
                values[index + 1] = Float(Int32(truncatingIfNeeded: bits >> 32) >> 8) * scale
            }
        }
    }
}
