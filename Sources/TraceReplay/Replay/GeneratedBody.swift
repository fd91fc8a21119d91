import JSONCoding
import NIOCore
public import ServingCore

/// The body a replay generates for a model.
public enum GeneratedBody {
    /// How many bytes it has: the inputs' JSON and one row of each as binary.
    ///
    /// Throws `ServingError` where the inputs would be larger than 1 GiB.
    public static func byteCount(of inputs: [TensorSpecification]) throws(ServingError) -> Int {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("inputs")
            writer.array { writer in
                for input in inputs {
                    writer.object { writer in
                        writer.member("name", input.name)
                        writer.member("datatype", input.datatype.rawValue)
                        writer.member("shape", input.shape)
                    }
                }
            }
        }
        let metadata = writer.finish().withUnsafeBytes { ByteBuffer(bytes: $0) }
        return try ModelInputs(metadata: metadata, least: 0, seed: 0).body.readableBytes
    }
}
