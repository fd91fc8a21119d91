import CONNXRuntime
import ModelServing
import ServingCore

/// A parameter block as a session of ONNX Runtime.
final class ORTBlock: LoadedBlock {
    let residentSize: ByteCount
    private let session: ORTSession
    private let runtime: ORTRuntime
    private let inputNames: CStringArray
    private let outputNames: CStringArray

    /// Makes a block of a session that holds `residentSize`.
    init(_ session: ORTSession, residentSize: ByteCount, runtime: ORTRuntime) {
        self.session = session
        self.residentSize = residentSize
        self.runtime = runtime
        inputNames = CStringArray(session.inputs.map(\.name))
        outputNames = CStringArray(session.outputs.map(\.name))
    }

    var inputs: [TensorSpecification] { session.inputs }
    var outputs: [TensorSpecification] { session.outputs }

    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        var tensors: [ORTTensor] = []
        for input in inputs {
            guard let tensor = input as? ORTTensor else {
                throw ServingError(.internalError, "a tensor of another engine was given to ONNX Runtime")
            }
            tensors.append(tensor)
        }
        guard tensors.count == session.inputs.count else {
            throw ServingError(.internalError, "a block takes \(session.inputs.count) inputs, not \(tensors.count)")
        }
        return try wrap(runValues(tensors), of: tensors)
    }

    /// Runs the session; whatever it puts out has an owner before anything is checked.
    private func runValues(_ inputs: [ORTTensor]) throws(ServingError) -> [ORTValue] {
        let api = runtime.api
        let inputValues = inputs.map { Optional($0.value.pointer) }
        var outputValues = [OpaquePointer?](repeating: nil, count: session.outputs.count)
        let status = api.functions.pointee.Run?(
            session.pointer,
            nil,
            inputNames.pointers,
            inputValues,
            inputValues.count,
            outputNames.pointers,
            outputValues.count,
            &outputValues
        )
        withExtendedLifetime(inputs) {}
        let owned = outputValues.compactMap { $0 }.map { ORTValue(owning: $0, api: api) }
        try api.check(status, "the model could not be run", badArgument: .invalidField)
        guard owned.count == outputValues.count else {
            throw ServingError(.engineFailed, "a block left an output out")
        }
        return owned
    }

    private func wrap(_ values: [ORTValue], of inputs: [ORTTensor]) throws(ServingError) -> [any EngineTensor] {
        var tensors: [any EngineTensor] = []
        tensors.reserveCapacity(values.count)
        for value in values {
            let (datatype, shape) = try value.specification()
            let start = datatype == .bytes ? nil : try value.elements()
            // A graph may hand an input through: then the output lies in the input's memory, and keeps it.
            let origin = start.flatMap { start in inputs.first { $0.lends(start) } }
            tensors.append(ORTTensor(value, datatype: datatype, shape: shape, origin: origin, runtime: runtime))
        }
        return tensors
    }
}
