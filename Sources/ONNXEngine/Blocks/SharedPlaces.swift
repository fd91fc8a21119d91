import CONNXRuntime
import ModelCatalog
import ModelServing
import ServingCore
import Synchronization

/// Which outputs of a session lie in one place, and where that is: the image that residual blocks add to.
final class SharedPlaces: Sendable {
    /// One place, by the session's own numbers.
    struct Place: Hashable {
        /// The input that lies there first; nil where the image is made inside.
        var input: Int?
        /// The outputs that lie there.
        var outputs: [Int]
    }

    /// How many outputs the session has for those who use it; what follows only needs a place.
    let outputCount: Int
    private let places: [Place]
    /// For the shapes of the inputs, those of the places that no input tells; a client may send many.
    private let shapes = Mutex<[[[Int]]: [Int: [Int]]]>([:])
    private static let knownShapes = 64

    /// Reads what the model of `session` says of itself; nil where it says nothing.
    init?(of session: ORTSession, runtime: ORTRuntime) throws(ServingError) {
        guard let text = try session.metadata(ResidualStreams.key, runtime: runtime),
            let streams = ResidualStreams(text: text), streams.outputCount <= session.outputs.count
        else { return nil }
        let inputs = Dictionary(session.inputs.enumerated().map { ($1.name, $0) }) { first, _ in first }
        let outputs = Dictionary(session.outputs.enumerated().map { ($1.name, $0) }) { first, _ in first }
        outputCount = streams.outputCount
        places = try streams.streams.map { stream throws(ServingError) in
            let found = stream.outputs.compactMap { outputs[$0] }
            let input = stream.input.flatMap { inputs[$0] }
            guard found.count == stream.outputs.count, (input == nil) == (stream.input == nil) else {
                throw ServingError(.engineFailed, "a compiled copy names tensors it does not have")
            }
            return Place(input: input, outputs: found)
        }
    }

    /// For each output of the session the tensor it is to lie in; nil where ONNX Runtime is to find room.
    func tensors(
        for inputs: [any EngineTensor],
        overwriting: [Bool],
        count: Int,
        runtime: ORTRuntime
    ) throws(ServingError) -> [ORTTensor?] {
        var result = [ORTTensor?](repeating: nil, count: count)
        let known = places.contains { $0.input == nil } ? shapes.withLock { $0[inputs.map(\.shape)] } : nil
        for (index, place) in places.enumerated() {
            var tensor: ORTTensor?
            if let input = place.input {
                let given = try ORTTensor.own(inputs[input])
                let isFree = given.isExclusive && input < overwriting.count && overwriting[input]
                tensor = isFree ? given : try .empty(shape: given.shape, runtime: runtime)
            } else if let shape = known?[index] {
                tensor = try .empty(shape: shape, runtime: runtime)
            }
            for output in place.outputs { result[output] = tensor }
        }
        return result
    }

    /// Remembers how large the places are that no input tells, after a run that gave `outputs`.
    func learn(from outputs: [any EngineTensor], of inputs: [any EngineTensor]) {
        var found: [Int: [Int]] = [:]
        for (index, place) in places.enumerated() where place.input == nil {
            guard let output = place.outputs.first(where: { $0 < outputs.count }) else { continue }
            found[index] = outputs[output].shape
        }
        guard !found.isEmpty else { return }
        shapes.withLock { shapes in
            if shapes.count >= Self.knownShapes { shapes.removeAll() }
            shapes[inputs.map(\.shape)] = found
        }
    }

    /// Whether a run of inputs like these can tell something new.
    func learns(from inputs: [any EngineTensor]) -> Bool {
        places.contains { $0.input == nil } && shapes.withLock { $0[inputs.map(\.shape)] == nil }
    }
}

extension ORTSession {
    /// What the session's model says of itself under `key`; nil where it says nothing.
    func metadata(_ key: String, runtime: ORTRuntime) throws(ServingError) -> String? {
        let api = runtime.api
        let metadata = try ORTHandle(
            owning: api.make("a model's metadata") { api.functions.pointee.SessionGetModelMetadata?(pointer, &$0) },
            release: api.functions.pointee.ReleaseModelMetadata
        )
        var text: UnsafeMutablePointer<CChar>?
        try api.check(
            api.functions.pointee.ModelMetadataLookupCustomMetadataMap?(
                metadata.pointer,
                runtime.allocator,
                key,
                &text
            ),
            "reading a model's metadata"
        )
        guard let text else { return nil }
        defer { runtime.allocator.pointee.Free?(runtime.allocator, text) }
        return String(cString: text)
    }
}
