import JSONCoding
import NIOCore
import ServingCore

/// A generated inference body: the model's inputs as binary tensors behind their JSON.
struct ModelInputs {
    /// The body.
    let body: ByteBuffer
    /// How much of it is JSON: `Inference-Header-Content-Length`.
    let headerBytes: Int

    /// Makes inputs for a model from its metadata; every variable dimension is 1.
    ///
    /// A body shorter than `least` bytes is filled up with spaces behind the JSON, which the protocol ignores. Throws
    /// where the metadata cannot be read, or the inputs would be larger than 1 GiB.
    init(metadata: ByteBuffer, least: Int, seed: UInt64) throws(ServingError) {
        let document = try metadata.withReadable { (bytes) throws(ServingError) in try JSONDocument(parsing: bytes) }
        var inputs: [Input] = []
        for input in try document.root.member("inputs").elements() { inputs.append(try Input(input)) }
        var random = SplitMix64(seed: seed)
        var tensors = ByteBuffer()
        for input in inputs { input.append(to: &tensors, using: &random) }
        var text = Self.header(inputs)
        let missing = least - text.readableBytes - tensors.readableBytes
        if missing > 0 { text.writeRepeatingByte(UInt8(ascii: " "), count: missing) }
        headerBytes = text.readableBytes
        text.writeBuffer(&tensors)
        body = text
    }

    private static func header(_ inputs: [Input]) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("inputs")
            writer.array { writer in
                for input in inputs { input.write(to: &writer) }
            }
            writer.key("parameters")
            writer.object { $0.member("binary_data_output", true) }
        }
        return writer.finish().withUnsafeBytes { ByteBuffer(bytes: $0) }
    }
}

/// One input tensor.
private struct Input: JSONWritable {
    let name: String
    let datatype: TensorDatatype
    let shape: [Int]
    let elements: Int

    /// The most elements of one input.
    private static let limit = 1 << 27

    init(_ value: JSONValue) throws(ServingError) {
        name = try value.member("name").string()
        datatype = try value.member("datatype").enumeration(TensorDatatype.self)
        var shape: [Int] = []
        var elements = 1
        for dimension in try value.member("shape").elements() {
            let size = try dimension.integer(in: -1...Self.limit)
            shape.append(size < 0 ? 1 : size)
            elements *= size < 0 ? 1 : size
            guard elements <= Self.limit else { throw dimension.error("the input is too large to be generated") }
        }
        self.shape = shape
        self.elements = elements
    }

    /// A BYTES element is its length alone: it is empty.
    private var byteCount: Int { elements * (datatype.elementSize ?? 4) }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("shape", shape)
            writer.member("datatype", datatype.rawValue)
            writer.key("parameters")
            writer.object { $0.member("binary_data_size", byteCount) }
        }
    }

    /// Appends values from 0 to 1 where the type has such, else zeros.
    func append(to buffer: inout ByteBuffer, using random: inout SplitMix64) {
        guard datatype == .float32 else {
            buffer.writeRepeatingByte(0, count: byteCount)
            return
        }
        for _ in 0..<elements { buffer.writeInteger(Float(random.unit()).bitPattern, endianness: .little) }
    }
}

extension ByteBuffer {
    /// Calls `body` with the readable bytes; keeps the type of what it throws.
    fileprivate func withReadable<Value>(
        _ body: (UnsafeRawBufferPointer) throws(ServingError) -> Value
    ) throws(ServingError) -> Value {
        let result = withUnsafeReadableBytes { bytes -> Result<Value, ServingError> in
            do throws(ServingError) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
