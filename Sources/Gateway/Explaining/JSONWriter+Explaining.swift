internal import JSONCoding
internal import ServingCore

/// The words all explaining documents share.
extension JSONWriter {
    /// Writes `"model"` and `"version"`.
    mutating func model(_ id: ModelID) {
        member("model", id.name)
        member("version", String(id.version))
    }

    /// Writes a member in milliseconds from `now`, `null` where it is never.
    mutating func member(_ name: String, _ instant: MonotonicInstant, from now: MonotonicInstant) {
        key(name)
        guard instant != .distantFuture else { return null() }
        milliseconds(now.duration(to: instant))
    }

    /// Writes a member that is a list of request ids, as texts.
    mutating func member(_ name: String, _ requests: [RequestID]) {
        member(name, requests.map(\.description))
    }

    /// Writes a member that is a list of block hashes.
    mutating func member(_ name: String, _ blocks: [ParameterBlock]) {
        member(name, blocks.map(\.id.hash))
    }

    /// Writes the four parts of a request's time.
    mutating func member(_ name: String, _ breakdown: LatencyBreakdown) {
        key(name)
        object { writer in
            writer.member("upload_ms", milliseconds: breakdown.upload)
            writer.member("wait_ms", milliseconds: breakdown.wait)
            writer.member("load_ms", milliseconds: breakdown.load)
            writer.member("compute_ms", milliseconds: breakdown.compute)
        }
    }

    /// Writes a member that is a number, `null` where there is none.
    mutating func member(_ name: String, ifKnown value: Double?) {
        member(name, orNull: value ?? .nan)
    }
}
