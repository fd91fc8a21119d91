internal import ServingCore

/// A body that should be JSON and is not: what it seems to be instead.
enum ForeignBody {
    /// Compressed by gzip.
    case gzip
    /// JSON with binary tensors behind it, or nothing but binary data.
    case binary
    /// Text.
    case text

    /// Looks at the bytes. O(bytes).
    init(_ body: ByteRegion) {
        self = body.withUnsafeBytes { bytes in
            if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
            return bytes.contains(0) || String(validating: bytes, as: UTF8.self) == nil ? .binary : .text
        }
    }

    /// What the sender may want to know.
    var hint: String? {
        switch self {
        case .gzip: "the body is compressed with gzip, which is not taken here: send it as it is"
        case .binary:
            "the body holds binary data: where binary tensors follow the JSON, the header "
                + "\(InferenceRequestDecoder.headerLengthField) must say how long the JSON is (0 for one raw tensor)"
        case .text: nil
        }
    }
}
