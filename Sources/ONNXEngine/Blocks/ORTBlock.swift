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
        guard inputs.count == session.inputs.count else {
            throw ServingError(.internalError, "a block takes \(session.inputs.count) inputs, not \(inputs.count)")
        }
        let valueCount = inputs.count + session.outputs.count
        return try withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: valueCount) { values in
            Result { () throws(ServingError) in
                values.initialize(repeating: nil)
                for (index, input) in inputs.enumerated() { values[index] = try ORTTensor.own(input).value.pointer }
                return try run(values[..<inputs.count], of: inputs, into: values[inputs.count...])
            }
        }.get()
    }

    /// Runs the session; what it puts out is released here where it does not become a tensor.
    private func run(
        _ values: Slice<UnsafeMutableBufferPointer<OpaquePointer?>>,
        of inputs: [any EngineTensor],
        into room: Slice<UnsafeMutableBufferPointer<OpaquePointer?>>
    ) throws(ServingError) -> [any EngineTensor] {
        let outputs = UnsafeMutableBufferPointer(rebasing: room)
        let api = runtime.api
        defer {
            for output in outputs where output != nil { api.functions.pointee.ReleaseValue?(output) }
        }
        let status = api.functions.pointee.Run?(
            session.pointer,
            runtime.runOptions,
            inputNames.pointers,
            UnsafeMutableBufferPointer(rebasing: values).baseAddress,
            values.count,
            outputNames.pointers,
            outputs.count,
            outputs.baseAddress
        )
        withExtendedLifetime(inputs) {}
        try api.check(status, "the model could not be run", badArgument: .invalidField)
        var tensors: [any EngineTensor] = []
        tensors.reserveCapacity(outputs.count)
        for index in outputs.indices {
            guard let pointer = outputs[index] else {
                throw ServingError(.engineFailed, "a block left an output out")
            }
            outputs[index] = nil
            tensors.append(try wrap(ORTValue(owning: pointer, api: api), of: inputs))
        }
        return tensors
    }

    private func wrap(
        _ value: consuming ORTValue,
        of inputs: [any EngineTensor]
    ) throws(ServingError) -> ORTTensor {
        let (datatype, shape) = try value.specification()
        // A graph may hand an input through: then the output lies in the input's memory, and keeps it.
        var origin: ORTTensor?
        if datatype != .bytes, let start = try value.elements() {
            for input in inputs where origin == nil {
                let input = try ORTTensor.own(input)
                if input.lends(start) { origin = input }
            }
        }
        return ORTTensor(value, datatype: datatype, shape: shape, origin: origin)
    }
}
