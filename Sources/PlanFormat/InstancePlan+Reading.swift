public import JSONCoding
public import ServingCore

extension JSONLimits {
    /// What is taken from an instance file: 256 MiB of text, 50 million values.
    public static let instanceFile = JSONLimits(maximumBytes: 256 << 20, maximumNodes: 50_000_000)
}

extension InstancePlan {
    /// Reads an instance in the plan format of `problem.md`; members it does not know are passed over.
    ///
    /// Throws a `ServingError` whose field is the path of what is wrong (`requests[3].deadline_s`), `instance` where that is
    /// the text as a whole: `malformedJSON` for what is no JSON or ends early, `bodyTooLarge` over `limits`, `invalidField`
    /// for anything else.
    /// - Complexity: O(text).
    public init(
        parsing bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .instanceFile
    ) throws(ServingError) {
        guard !bytes.isEmpty else { throw ServingError(.malformedJSON, "it is empty", field: Self.wholeText) }
        do {
            let document = try JSONDocument(parsing: bytes, limits: limits)
            self = try InstanceReader(root: document.root).read()
        } catch {
            var error = error
            error.field = error.field ?? Self.wholeText
            throw error
        }
    }

    /// The field of an error that no single field is at fault for.
    private static let wholeText = "instance"
}
