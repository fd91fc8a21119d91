import ArgumentParser

/// `LOW:HIGH`, or one number for both.
struct RangeArgument: ExpressibleByArgument {
    let range: ClosedRange<Double>

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { Double($0) }
        guard let low = parts.first.flatMap({ $0 }), let high = parts.last.flatMap({ $0 }), low > 0, high.isFinite,
            low <= high
        else { return nil }
        range = low...high
    }
}
