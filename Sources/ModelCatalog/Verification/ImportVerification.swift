/// What comparing a model's blocks in a row with the whole model came to.
public enum ImportVerification: Codable, Hashable, Sendable {
    /// They gave the same in `runs` runs; in floating-point outputs the largest relative difference was `difference`.
    case passed(runs: Int, difference: Double)
    /// They gave different things, and why that counts; the model was kept as one block.
    case differed(String)
    /// It could not be found out, and why.
    case impossible(String)
    /// It was not asked for.
    case skipped

    /// The largest relative difference that is none: of an element, measured against the largest of its tensor.
    public static let tolerance = 1e-5
}
