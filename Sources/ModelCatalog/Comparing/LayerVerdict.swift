/// What comparing a layer of one model with a layer of another came to.
public enum LayerVerdict: Hashable, Sendable {
    /// Both are the same block: it is stored, loaded and kept in memory once.
    case equal
    /// The weights are the same, the graph around them is not: what differs first.
    case form(why: String)
    /// The weights have the same types and shapes and other values: the largest difference and the largest weight, where they
    /// are floating-point numbers, and what else differs, if anything.
    case near(largestDifference: Double?, largestWeight: Double?, form: String?)
    /// There is no such layer in the other model; how many of its bytes of weights are in other layers there.
    case different(weightBytesFound: Int, of: Int)

    /// One word for it, the same in all outputs.
    public var name: String {
        switch self {
        case .equal: "equal"
        case .form: "form"
        case .near: "near"
        case .different: "different"
        }
    }
}

extension LayerVerdict: CustomStringConvertible {
    /// The verdict in words.
    public var description: String {
        switch self {
        case .equal: return "equal"
        case .form(let why): return "equal but for form: \(why)"
        case .near(let difference, let weight, let form):
            let values =
                difference.map { "the largest difference is \(Float($0)), the largest weight \(Float(weight ?? 0))" }
                ?? "with other values"
            return "near: same shape, \(values)" + (form.map { "; also \($0)" } ?? "")
        case .different(let found, let total):
            guard found > 0 else { return "different" }
            return "different: \(found) of \(total) bytes of its weights are in other layers there"
        }
    }
}
