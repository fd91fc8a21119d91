import CONNXRuntime
import ModelServing
import ServingCore

/// A parameter block as a session of ONNX Runtime.
final class ORTBlock: LoadedBlock {
    let id: BlockID
    let residentSize: ByteCount
    let outputs: [TensorSpecification]
    private let session: ORTSession
    private let runtime: ORTRuntime
    private let inputNames: CStringArray
    private let outputNames: CStringArray
    private let places: SharedPlaces?

    /// Makes a block of a session that holds `residentSize`.
    init(
        _ session: ORTSession,
        block id: BlockID,
        residentSize: ByteCount,
        runtime: ORTRuntime
    ) throws(ServingError) {
        self.id = id
        self.session = session
        self.residentSize = residentSize
        self.runtime = runtime
        places = try SharedPlaces(of: session, runtime: runtime)
        outputs = Array(session.outputs.prefix(places?.outputCount ?? session.outputs.count))
        inputNames = CStringArray(session.inputs.map(\.name))
        outputNames = CStringArray(session.outputs.map(\.name))
    }

    var inputs: [TensorSpecification] { session.inputs }
    var isSound: Bool { session.isSound }

    func run(_ inputs: [any EngineTensor]) throws(ServingError) -> [any EngineTensor] {
        try run(inputs, overwriting: [], control: nil)
    }

    func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        control: (any RunControl)?
    ) throws(ServingError) -> [any EngineTensor] {
        guard let control = control as? ORTRunControl else {
            runtime.unboundedRuns.begin()
            return try run(inputs, overwriting: overwriting, under: runtime.unboundedRuns)
        }
        return try run(inputs, overwriting: overwriting, under: control)
    }

    private func run(
        _ inputs: [any EngineTensor],
        overwriting: [Bool],
        under control: ORTRunControl
    ) throws(ServingError) -> [any EngineTensor] {
        guard inputs.count == session.inputs.count else {
            throw ServingError(.internalError, "a block takes \(session.inputs.count) inputs, not \(inputs.count)")
        }
        let count = session.outputs.count
        let given: [ORTTensor?]?
        do throws(ServingError) {
            given = try places?.tensors(for: inputs, overwriting: overwriting, count: count, runtime: runtime)
        } catch {
            throw control.fault ?? error
        }
        let valueCount = inputs.count + count
        return try withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: valueCount) { values in
            Result { () throws(ServingError) in
                values.initialize(repeating: nil)
                for (index, input) in inputs.enumerated() { values[index] = try ORTTensor.own(input).value.pointer }
                let room = UnsafeMutableBufferPointer(rebasing: values[inputs.count...])
                return try run(values[..<inputs.count], of: inputs, into: room, given ?? [], control)
            }
        }.get()
    }

    /// Runs the session; outputs lie in the tensors `given` for them, the others are released here where they do not become
    /// tensors.
    private func run(
        _ values: Slice<UnsafeMutableBufferPointer<OpaquePointer?>>,
        of inputs: [any EngineTensor],
        into outputs: UnsafeMutableBufferPointer<OpaquePointer?>,
        _ given: [ORTTensor?],
        _ control: ORTRunControl
    ) throws(ServingError) -> [any EngineTensor] {
        let api = runtime.api
        for (index, tensor) in given.enumerated() { outputs[index] = tensor?.value.pointer }
        defer {
            for (index, output) in outputs.enumerated() where output != nil && given[safely: index] == nil {
                api.functions.pointee.ReleaseValue?(output)
            }
        }
        let status = api.functions.pointee.Run?(
            session.pointer,
            control.pointer,
            inputNames.pointers,
            UnsafeMutableBufferPointer(rebasing: values).baseAddress,
            values.count,
            outputNames.pointers,
            outputs.count,
            outputs.baseAddress
        )
        withExtendedLifetime(inputs) {}
        guard session.isSound else {
            if let status { api.functions.pointee.ReleaseStatus?(status) }
            let message = "block \(id)'s file became shorter or cannot be read any more"
            throw ServingError(.modelUnavailable, message, retryAfter: .seconds(1))
        }
        if let status, let fault = control.fault {
            api.functions.pointee.ReleaseStatus?(status)
            throw fault
        }
        try api.checkRun(status)
        var tensors: [any EngineTensor] = []
        tensors.reserveCapacity(self.outputs.count)
        for index in self.outputs.indices {
            if let tensor = given[safely: index] {
                tensors.append(tensor)
                continue
            }
            guard let pointer = outputs[index] else {
                throw ServingError(.engineFailed, "a block left an output out")
            }
            outputs[index] = nil
            tensors.append(try wrap(ORTValue(owning: pointer, api: api), of: inputs, beside: tensors))
        }
        if let places, places.learns(from: inputs) { places.learn(from: tensors, of: inputs) }
        return tensors
    }

    private func wrap(
        _ value: consuming ORTValue,
        of inputs: [any EngineTensor],
        beside others: [any EngineTensor]
    ) throws(ServingError) -> ORTTensor {
        let (datatype, shape) = try value.specification()
        // A graph may hand an input through: then the output lies in the input's memory, and keeps it.
        var origin: ORTTensor?
        var isExclusive = datatype != .bytes
        if datatype != .bytes, let start = try value.elements() {
            for other in inputs + others {
                let other = try ORTTensor.own(other)
                if origin == nil, other.lends(start) { origin = other }
                guard other.datatype != .bytes, try other.value.elements() == start else { continue }
                other.share()
                isExclusive = false
            }
        }
        return ORTTensor(
            value,
            datatype: datatype,
            shape: shape,
            isExclusive: isExclusive && origin == nil,
            origin: origin
        )
    }
}

extension [ORTTensor?] {
    fileprivate subscript(safely index: Int) -> ORTTensor? { indices.contains(index) ? self[index] : nil }
}
