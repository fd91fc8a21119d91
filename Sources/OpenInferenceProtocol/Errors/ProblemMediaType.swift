/// The media type an error is answered with; the members of the body are the same under both.
public enum ProblemMediaType: String, Hashable, Sendable {
    /// What clients of the Open Inference Protocol read: some look for `error` in no other type.
    case json = "application/json"
    /// Problem details (RFC 9457).
    case problem = "application/problem+json"

    /// The type for a request: under `/v2` JSON, unless the values of its `Accept` prefer problem details.
    ///
    /// - Parameter path: the path as sent; nil where no head could be read.
    public init(path: String?, accepting values: [String]) {
        let isProtocol = path.map { $0 == "/v2" || $0.hasPrefix("/v2/") } ?? false
        self = isProtocol && !Self.prefersProblem(values) ? .json : .problem
    }

    /// Whether problem details are named with a weight that JSON does not reach; where both have the same weight, the
    /// first one wins, and a name wins over a wildcard (RFC 9110, section 12.5.1).
    private static func prefersProblem(_ values: [String]) -> Bool {
        let ranges = values.flatMap { $0.split(separator: ",") }.map(MediaRange.init)
        guard let place = ranges.firstIndex(where: { $0.type == problem.rawValue }) else { return false }
        let weight = ranges[place].weight
        guard weight > 0 else { return false }
        guard let plain = ranges.firstIndex(where: { $0.type == json.rawValue }) else {
            let wildcard = ranges.first { $0.type == "application/*" } ?? ranges.first { $0.type == "*/*" }
            return weight >= wildcard?.weight ?? 0
        }
        return weight > ranges[plain].weight || (weight == ranges[plain].weight && place < plain)
    }
}

/// One part of an `Accept` header.
private struct MediaRange {
    let type: String
    /// Its `q`; 1 where none is given, 0 where it cannot be read.
    let weight: Double

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(\.trimmed)
        type = parts[0].lowercased()
        let quality = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
        weight = quality.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
    }
}

extension Substring {
    /// Without the white space around it.
    fileprivate var trimmed: Substring {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isSpace)
        return start.lastIndex { !isSpace($0) }.map { start[...$0] } ?? ""
    }
}
