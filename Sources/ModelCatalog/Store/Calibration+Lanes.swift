extension Calibration {
    /// How many batches at once served most, with one number of threads on one kind of processor.
    public struct Lanes: Codable, Hashable, Sendable {
        /// How many lanes were best.
        public var count: Int
        /// By what part a batch took longer while all other lanes were busy.
        public var slowdown: Double
        /// How many times the work of one lane they did together.
        public var gain: Double

        /// Makes a measurement.
        public init(count: Int, slowdown: Double, gain: Double) {
            self.count = count
            self.slowdown = slowdown
            self.gain = gain
        }

        /// What is best of `rates`, the work a second that each number of lanes did: the fewest lanes that do nearly as much as
        /// any; nil without that of one lane, or where one is not positive.
        public init?(choosingFrom rates: [Int: Double]) {
            guard let one = rates[1], one > 0, let most = rates.values.max(), rates.values.allSatisfy({ $0 > 0 }) else {
                return nil
            }
            let enough = rates.filter { $0.value >= most * Self.nearlyAll }
            guard let best = enough.min(by: { $0.key < $1.key }) else { return nil }
            let gain = best.value / one
            self.init(count: best.key, slowdown: max(Double(best.key) / gain - 1, 0), gain: gain)
        }

        /// Further lanes must bring more than this leaves: each takes memory for a run of its own.
        private static let nearlyAll = 0.98
    }
}
