extension Calibration.Compute {
    /// Base and item that fit `samples` best, each a number of requests and what a batch of them took in seconds.
    ///
    /// Least squares of the relative errors, so that small batches count as much as large ones. Neither is less than a
    /// hundredth of what the smallest batch took. Where requests run one by one, or all samples are of one size, all is item.
    /// - Complexity: O(n) for n samples.
    public init(fitting samples: [(requests: Int, seconds: Double)], isBatchable: Bool = true) {
        let samples = samples.filter { $0.requests > 0 && $0.seconds > 0 }
        guard let smallest = samples.min(by: { $0.requests < $1.requests }) else {
            self.init(baseSeconds: 0, itemSeconds: 0)
            return
        }
        guard isBatchable, samples.contains(where: { $0.requests != smallest.requests }) else {
            let each = samples.reduce(0) { $0 + $1.seconds / Double($1.requests) } / Double(samples.count)
            self.init(baseSeconds: 0, itemSeconds: each)
            return
        }
        var (ones, counts, squares, times, products) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for sample in samples {
            let (count, weight) = (Double(sample.requests), 1 / (sample.seconds * sample.seconds))
            ones += weight
            counts += weight * count
            squares += weight * count * count
            times += weight * sample.seconds
            products += weight * count * sample.seconds
        }
        let least = smallest.seconds / 100
        var item = (ones * products - counts * times) / (ones * squares - counts * counts)
        var base = (times - item * counts) / ones
        if base < least {
            base = least
            item = (products - base * counts) / squares
        }
        if item < least {
            item = least
            base = (times - item * counts) / ones
        }
        self.init(baseSeconds: max(base, least), itemSeconds: item)
    }
}
