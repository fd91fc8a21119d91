public import JSONCoding

/// The answer to `GET /v2/health/live` and `/v2/health/ready`.
public enum ServerHealth: Hashable, Sendable, JSONWritable {
    /// Whether the server runs.
    case live(Bool)
    /// Whether the server takes requests.
    case ready(Bool)

    /// Writes `{"live":bool}` or `{"ready":bool}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            switch self {
            case .live(let value): writer.member("live", value)
            case .ready(let value): writer.member("ready", value)
            }
        }
    }
}
