import CONNXRuntime
import ServingCore

/// The owner of one `OrtValue`, and of the bytes under it where those are not ONNX Runtime's own.
///
/// `@unchecked Sendable` because a value is written only before it is published; afterwards it is read.
struct ORTValue: ~Copyable, @unchecked Sendable {
    /// The value.
    let pointer: OpaquePointer
    let api: ORTAPI
    /// The memory the value's elements lie in, where it was not ONNX Runtime that allocated it.
    let backing: ByteRegion?

    /// Takes over a value that the caller got from ONNX Runtime.
    init(owning pointer: OpaquePointer, backing: ByteRegion? = nil, api: ORTAPI) {
        self.pointer = pointer
        self.backing = backing
        self.api = api
    }

    deinit {
        api.functions.pointee.ReleaseValue?(pointer)
    }

    /// Where the elements lie; nil where there are none. Not for strings.
    func elements() throws(ServingError) -> UnsafeMutableRawPointer? {
        var start: UnsafeMutableRawPointer?
        try api.check(api.functions.pointee.GetTensorMutableData?(pointer, &start), "reading a tensor")
        return start
    }

    /// Element type and dimensions.
    ///
    /// Throws `.engineFailed` where the value is not a tensor of a type the protocol has a name for.
    func specification() throws(ServingError) -> (datatype: TensorDatatype, shape: [Int]) {
        let info = try ORTHandle(
            owning: api.make("a tensor's type") { api.functions.pointee.GetTensorTypeAndShape?(pointer, &$0) },
            release: api.functions.pointee.ReleaseTensorTypeAndShapeInfo
        )
        return try api.datatypeAndShape(info.pointer)
    }
}

extension ORTAPI {
    /// What a borrowed `OrtTensorTypeAndShapeInfo` says; dimensions that vary are -1.
    func datatypeAndShape(_ info: OpaquePointer) throws(ServingError) -> (datatype: TensorDatatype, shape: [Int]) {
        var type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED
        try check(functions.pointee.GetTensorElementType?(info, &type), "reading a tensor's type")
        guard let datatype = TensorDatatype(type) else {
            throw ServingError(.engineFailed, "tensors of ONNX element type \(type.rawValue) cannot be served")
        }
        var rank = 0
        try check(functions.pointee.GetDimensionsCount?(info, &rank), "reading a tensor's rank")
        var status: OpaquePointer?
        let shape = [Int](unsafeUninitializedCapacity: rank) { shape, count in
            shape.initialize(repeating: 0)
            // On every platform of ours, `Int` is laid out like the `Int64` that ONNX Runtime writes.
            status = shape.withMemoryRebound(to: Int64.self) {
                functions.pointee.GetDimensions?(info, $0.baseAddress, rank)
            }
            count = rank
        }
        try check(status, "reading a tensor's shape")
        return (datatype, shape)
    }
}
