import CONNXRuntime
import ServingCore
import Synchronization

/// The owner of one `OrtSession`, with what it says of its inputs and outputs.
final class ORTSession: Sendable {
    /// What goes in, in the graph's order; dimensions that vary are -1.
    let inputs: [TensorSpecification]
    /// What comes out, in the graph's order; dimensions that vary are -1.
    let outputs: [TensorSpecification]
    private let handle: SessionHandle

    /// What it keeps of the heap, in bytes, once that is known; the heap is told to give it back with the session.
    var heapByteCount: Int {
        get { handle.heapByteCount.load(ordering: .relaxed) }
        set { handle.heapByteCount.store(newValue, ordering: .relaxed) }
    }

    /// Whether the weights it works on are still what was written to its copy.
    var isSound: Bool { handle.isSound }

    /// The session; ONNX Runtime lets any number of threads run it at once.
    var pointer: OpaquePointer { handle.pointer }

    /// Takes over a session that the caller got from ONNX Runtime, and what it uses of ours as long as it lives.
    ///
    /// Throws `.engineFailed` where an input or output is not a tensor of a type the protocol has a name for.
    init(
        owning pointer: OpaquePointer,
        using weights: PlacedOptions? = nil,
        runtime: ORTRuntime
    ) throws(ServingError) {
        let api = runtime.api
        handle = SessionHandle(owning: pointer, using: weights, api: api)
        let reader = SpecificationReader(session: pointer, runtime: runtime)
        inputs = try reader.specifications(
            count: api.functions.pointee.SessionGetInputCount,
            name: api.functions.pointee.SessionGetInputName,
            type: api.functions.pointee.SessionGetInputTypeInfo
        )
        outputs = try reader.specifications(
            count: api.functions.pointee.SessionGetOutputCount,
            name: api.functions.pointee.SessionGetOutputName,
            type: api.functions.pointee.SessionGetOutputTypeInfo
        )
    }
}

/// The owner of a session and of the weights it works on: the session goes first.
///
/// `@unchecked Sendable` because the pointer never changes, and sessions may be run from any thread.
private final class SessionHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let heapByteCount = Atomic(0)
    var isSound: Bool { weights?.isSound ?? true }
    private let weights: PlacedOptions?
    private let api: ORTAPI

    init(owning pointer: OpaquePointer, using weights: PlacedOptions?, api: ORTAPI) {
        self.pointer = pointer
        self.weights = weights
        self.api = api
    }

    deinit {
        api.functions.pointee.ReleaseSession?(pointer)
        withExtendedLifetime(weights) {}
        FreedHeap.trim(after: heapByteCount.load(ordering: .relaxed))
    }
}

/// Reads what a session says of its inputs or its outputs.
private struct SpecificationReader {
    typealias Count = @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int>?) -> OpaquePointer?
    typealias Name =
        @convention(c) (
            OpaquePointer?, Int, UnsafeMutablePointer<OrtAllocator>?,
            UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> OpaquePointer?
    typealias TypeInfo = @convention(c) (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?) -> OpaquePointer?

    let session: OpaquePointer
    let runtime: ORTRuntime

    func specifications(count: Count, name: Name, type: TypeInfo) throws(ServingError) -> [TensorSpecification] {
        var total = 0
        try runtime.api.check(count(session, &total), "counting a model's tensors")
        var specifications: [TensorSpecification] = []
        for index in 0..<total {
            let name = try self.name(at: index, name)
            let (datatype, shape) = try self.type(at: index, of: name, type)
            specifications.append(TensorSpecification(name: name, datatype: datatype, shape: shape))
        }
        return specifications
    }

    private func name(at index: Int, _ read: Name) throws(ServingError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        try runtime.api.check(read(session, index, runtime.allocator, &text), "reading a tensor's name")
        guard let text else { throw ServingError(.engineFailed, "a model has a tensor without a name") }
        defer { runtime.allocator.pointee.Free?(runtime.allocator, text) }
        return String(cString: text)
    }

    private func type(
        at index: Int,
        of name: String,
        _ read: TypeInfo
    ) throws(ServingError) -> (datatype: TensorDatatype, shape: [Int]) {
        let api = runtime.api
        let info = try ORTHandle(
            owning: api.make("a tensor's type") { read(session, index, &$0) },
            release: api.functions.pointee.ReleaseTypeInfo
        )
        var tensorInfo: OpaquePointer?
        try api.check(
            api.functions.pointee.CastTypeInfoToTensorInfo?(info.pointer, &tensorInfo),
            "reading a tensor's type"
        )
        guard let tensorInfo else { throw ServingError(.engineFailed, "'\(name)' is not a tensor") }
        return try api.datatypeAndShape(tensorInfo)
    }
}
