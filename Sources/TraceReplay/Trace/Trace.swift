import JSONCoding
public import ServingCore

/// A trace: requests in the order of their arrivals.
public struct Trace: Hashable, Sendable {
    /// The requests.
    public private(set) var requests: [TraceRequest]

    /// Makes a trace; the requests are put in order.
    public init(_ requests: [TraceRequest]) {
        self.requests = requests.sorted { $0.arrival < $1.arrival }
    }

    /// Reads JSON lines; empty lines are passed over.
    ///
    /// Throws a `ServingError` whose field is the line and the member: `line 3: timeout_ms`.
    /// - Complexity: O(text).
    public init(parsing text: UnsafeRawBufferPointer) throws(ServingError) {
        var requests: [TraceRequest] = []
        var number = 0
        var rest = text[...]
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
            rest = rest[min(end + 1, rest.endIndex)...]
            guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            let request = try Self.read(line, number: number)
            guard request.arrival >= requests.last?.arrival ?? 0 else {
                throw ServingError(.invalidField, "it is earlier than the line before", field: "line \(number): at_s")
            }
            requests.append(request)
        }
        self.requests = requests
    }

    private static func read(_ line: UnsafeRawBufferPointer, number: Int) throws(ServingError) -> TraceRequest {
        do {
            return try TraceRequest(JSONDocument(parsing: line).root)
        } catch {
            var error = error
            error.field = error.field.map { "line \(number): \($0)" } ?? "line \(number)"
            throw error
        }
    }
}
