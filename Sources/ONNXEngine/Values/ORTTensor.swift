import CONNXRuntime
import ModelServing
import ServingCore
import Synchronization

/// A tensor of ONNX Runtime's.
final class ORTTensor: EngineTensor {
    let datatype: TensorDatatype
    let shape: [Int]
    /// The value itself.
    let value: ORTValue
    /// Whether nobody else has the memory its elements lie in.
    var isExclusive: Bool { exclusive.load(ordering: .relaxed) }
    private let exclusive: Atomic<Bool>
    /// The tensor in whose memory the elements lie, where it is not the value's own.
    private let origin: ORTTensor?

    /// Wraps a value whose type and shape are known.
    init(
        _ value: consuming ORTValue,
        datatype: TensorDatatype,
        shape: [Int],
        isExclusive: Bool = false,
        origin: ORTTensor? = nil
    ) {
        self.value = value
        exclusive = Atomic(isExclusive)
        self.datatype = datatype
        self.shape = shape
        self.origin = origin
    }

    /// The tensor as what it is.
    static func own(_ tensor: any EngineTensor) throws(ServingError) -> ORTTensor {
        guard let tensor = tensor as? ORTTensor else {
            throw ServingError(.internalError, "a tensor of another engine was given to ONNX Runtime")
        }
        return tensor
    }

    /// Another tensor lies in the same memory from now on.
    func share() { exclusive.store(false, ordering: .relaxed) }

    /// Whether what lies at `address` is memory that is not ONNX Runtime's and that this tensor keeps.
    func lends(_ address: UnsafeMutableRawPointer) -> Bool {
        if let origin { return origin.lends(address) }
        guard let backing = value.backing else { return false }
        return backing.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return start <= UnsafeRawPointer(address) && UnsafeRawPointer(address) < start + bytes.count
        }
    }

    /// Hands `tensor` to ONNX Runtime; its bytes are copied only where they are not aligned, and strings always.
    ///
    /// Throws `.invalidField` where the bytes are not what datatype and shape say.
    static func make(_ tensor: Tensor, runtime: ORTRuntime) throws(ServingError) -> ORTTensor {
        guard let count = Tensor.elementCount(of: tensor.shape) else { throw tensor.misfit() }
        let value =
            if let elementSize = tensor.datatype.elementSize {
                try ORTValue.numeric(tensor, count: count, elementSize: elementSize, runtime: runtime)
            } else {
                try ORTValue.strings(tensor, count: count, runtime: runtime)
            }
        return ORTTensor(value, datatype: tensor.datatype, shape: tensor.shape)
    }

    /// A tensor of numbers in single precision with memory of its own, which nobody has written to.
    static func empty(shape: [Int], runtime: ORTRuntime) throws(ServingError) -> ORTTensor {
        let api = runtime.api
        let pointer = try api.make("a tensor") { out in
            // On every platform of ours, `Int` is laid out like `Int64`.
            shape.withUnsafeBufferPointer { shape in
                shape.withMemoryRebound(to: Int64.self) {
                    api.functions.pointee.CreateTensorAsOrtValue?(
                        runtime.countingAllocator,
                        $0.baseAddress,
                        $0.count,
                        ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
                        &out
                    )
                }
            }
        }
        return ORTTensor(ORTValue(owning: pointer, api: api), datatype: .float32, shape: shape, isExclusive: true)
    }

    func bytes() throws(ServingError) -> ByteRegion {
        if let backing = value.backing, datatype != .bytes { return backing }
        guard let count = Tensor.elementCount(of: shape) else {
            throw ServingError(.engineFailed, "a tensor has the impossible shape \(shape)")
        }
        guard let elementSize = datatype.elementSize else {
            return try value.stringBytes(count: count)
        }
        guard count > 0, let start = try value.elements() else { return .empty }
        return ByteRegion(owner: self, start: start, count: count * elementSize)
    }
}

extension Tensor {
    /// Calls `body` with the shape as ONNX Runtime takes it.
    func withDimensions<Result>(_ body: (UnsafeBufferPointer<Int64>) -> Result) -> Result {
        // On every platform of ours, `Int` is laid out like `Int64`.
        shape.withUnsafeBufferPointer { $0.withMemoryRebound(to: Int64.self, body) }
    }

    /// The error of a tensor whose bytes are not what its datatype and shape say.
    func misfit() -> ServingError {
        let message = "tensor '\(name)' of shape \(shape) does not have \(data.count) bytes of \(datatype.rawValue)"
        return ServingError(.invalidField, message, field: name)
    }
}
