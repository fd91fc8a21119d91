public import JSONCoding
import ServingCore

extension TraceRequest: JSONWritable {
    /// Writes the line's object; see <doc:Traces>.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("at_s", orNull: arrival)
            writer.member("model", model)
            if let version { writer.member("version", version) }
            writer.member("device", device)
            writer.member("timeout_ms", timeout)
            if let bodyBytes { writer.member("bytes", bodyBytes) }
            if let bodyFile { writer.member("body_file", bodyFile) }
            if let spectralEfficiency { writer.member("spectral_efficiency", orNull: spectralEfficiency) }
            if let linkRate { writer.member("link_bits_per_second", orNull: linkRate) }
        }
    }
}

extension TraceRequest {
    /// The longest a trace may be, and the longest timeout: a day.
    private static let longest = 86_400.0

    /// Reads the object of one line; members it does not know are passed over.
    ///
    /// Throws `invalidField` naming the member that is wrong.
    init(_ value: JSONValue) throws(ServingError) {
        self.init(
            arrival: try value.member("at_s").number(in: 0...Self.longest),
            model: try value.member("model").string(),
            version: try value.optionalMember("version")?.integer(in: 1...Int(Int32.max)),
            device: try value.optionalMember("device")?.string() ?? "",
            timeout: try value.member("timeout_ms").integer(in: 1...Int(Self.longest * 1000)),
            bodyBytes: try value.optionalMember("bytes")?.integer(in: 0...(1 << 30)),
            bodyFile: try value.optionalMember("body_file")?.string(),
            spectralEfficiency: try value.optionalMember("spectral_efficiency")?.number(in: 0.001...100),
            linkRate: try value.optionalMember("link_bits_per_second")?.number(in: 1...1e15)
        )
        // It becomes part of a request's first line.
        guard ModelID.isValidName(model) else { throw value.error(member: "model", "this is no name of a model") }
    }
}
