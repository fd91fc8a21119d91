import ServingCore

/// Makes inputs for a model, the same for the same seed.
struct TrialInputs {
    /// Inputs of more elements than this are not made.
    static let elementLimit = 1 << 26

    private var state: UInt64

    /// Starts a sequence.
    init(seed: UInt64) {
        state = seed
    }

    /// A tensor for each input; nil where one would be too large.
    ///
    /// Floats are even in -1..<1, integers even below the attempt's limit, strings short words.
    mutating func tensors(for inputs: [TensorSpecification], _ attempt: TrialAttempt) -> [Tensor]? {
        var result: [Tensor] = []
        for (index, input) in inputs.enumerated() {
            let shape = attempt.shape(of: input, isFirst: index == 0)
            guard let count = Tensor.elementCount(of: shape), count <= Self.elementLimit else { return nil }
            let bytes = ByteStorage(capacity: count * (input.datatype.elementSize ?? 5))
            for _ in 0..<count { append(input.datatype, below: attempt.integerLimit, to: bytes) }
            result.append(Tensor(name: input.name, datatype: input.datatype, shape: shape, data: bytes.region))
        }
        return result
    }

    private mutating func append(_ datatype: TensorDatatype, below limit: Int, to bytes: ByteStorage) {
        let random = next()
        let unit = Float(random >> 40) / Float(1 << 23) - 1
        let number = Int(random >> 33) % limit
        switch datatype {
        case .float32: Self.append(unit.bitPattern, to: bytes)
        case .float64: Self.append(Double(unit).bitPattern, to: bytes)
        case .float16: Self.append(HalfPrecision.bits(of: unit), to: bytes)
        case .bfloat16: Self.append(UInt16(unit.bitPattern >> 16), to: bytes)
        case .bool: Self.append(UInt8(number & 1), to: bytes)
        case .int8, .uint8: Self.append(UInt8(number & 127), to: bytes)
        case .int16, .uint16: Self.append(UInt16(number & 0x7FFF), to: bytes)
        case .int32, .uint32: Self.append(UInt32(number & 0x7FFF_FFFF), to: bytes)
        case .int64, .uint64: Self.append(UInt64(number), to: bytes)
        case .bytes:
            Self.append(UInt32(1), to: bytes)
            Self.append(UInt8(97 + number % 26), to: bytes)
        }
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: ByteStorage) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
