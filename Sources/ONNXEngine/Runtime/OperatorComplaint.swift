/// What ONNX Runtime says of a run that failed, without the places in its own source.
struct OperatorComplaint {
    /// The operator that failed and why: `Squeeze: Dimension of input 0 must be 1 instead of 2.`
    let text: String
    /// Whether it is about memory rather than about values.
    let isAboutMemory: Bool

    /// Reads a message such as
    /// `Non-zero status code returned while running X node. Name:'' Status Message: /src/x.cc:31 void f(int) a < b was false. Why`.
    init(_ message: String) {
        let line = message.prefix { !$0.isNewline }
        let status = Self.rest(of: line, behind: "Status Message: ") ?? line
        let reason = Self.withoutPlace(status)
        let named = Self.rest(of: line, behind: "while running ")?.prefix { $0 != " " }
        let operatorName = named.map { "\($0): " } ?? ""
        text = operatorName + (reason.count > 400 ? reason.prefix(400) + "..." : reason)
        isAboutMemory = ["alloc", "memory"].contains { status.lowercased().contains($0) }
    }

    /// A place is a file, a line, a function, and the condition that did not hold.
    private static func withoutPlace(_ status: Substring) -> Substring {
        guard let place = status.split(separator: " ", maxSplits: 1).first, place.contains("/"), place.contains(":")
        else {
            return status
        }
        return rest(of: status, behind: " was false. ") ?? rest(of: status, behind: "] ", from: "[with ")
            ?? rest(of: status, behind: ") ") ?? status
    }

    /// What follows the first `mark`, of those behind `start` where one is given; nil where there is none, or nothing behind.
    private static func rest(of text: Substring, behind mark: String, from start: String? = nil) -> Substring? {
        var searched = text
        if let start {
            guard let found = text.firstRange(of: start) else { return nil }
            searched = text[found.upperBound...]
        }
        guard let found = searched.firstRange(of: mark), found.upperBound < text.endIndex else { return nil }
        return text[found.upperBound...]
    }
}
