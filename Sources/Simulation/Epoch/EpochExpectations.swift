/// What must hold between solvers on average.
public enum EpochExpectations {
    /// Exhaustive at least search, search at least greedy, greedy at least each comparison; search at least itself unshared.
    public static func ranks(of solvers: [EpochCurve]) -> [ExperimentExpectation] {
        let ranks: [[EpochCurve]] = [[.exhaustive], [.search], [.greedy], [.edf, .fifo, .random]]
        let present = ranks.map { $0.filter(solvers.contains) }.filter { !$0.isEmpty }
        let ordered = zip(present, present.dropFirst()).flatMap { upper, lower in
            upper.flatMap { better in lower.map { ExperimentExpectation(better.rawValue, atLeast: $0.rawValue) } }
        }
        guard solvers.contains(.search), solvers.contains(.unshared) else { return ordered }
        return ordered + [ExperimentExpectation(EpochCurve.search.rawValue, atLeast: EpochCurve.unshared.rawValue)]
    }
}
