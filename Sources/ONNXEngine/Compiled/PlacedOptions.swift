import CONNXRuntime
import ModelCatalog
import ServingCore

/// The options of one session whose weights lie in memory of ours, with those weights; needed as long as the session.
final class PlacedOptions {
    /// The options.
    let pointer: OpaquePointer
    private let runtime: ORTRuntime
    private let memory: (any WeightMemory)?
    private var values: [OpaquePointer] = []

    /// Whether the weights are still what was written to the copy.
    var isSound: Bool { memory?.isSound ?? true }

    /// Points to each weight of `copy`, which was read from `file`; `packing` has the runtime repack matrices.
    init(
        _ copy: CompiledFile.Content,
        file: String,
        packing: Bool,
        runtime: ORTRuntime
    ) throws(ServingError) {
        self.runtime = runtime
        memory = copy.memory
        pointer = try runtime.makeSessionOptions(optimisation: ORT_DISABLE_ALL)
        // What the runtime repacks it reads from the file itself, which is looked for in this folder.
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        try set("session.model_external_initializers_file_folder_path", to: folder)
        if !packing { try set("session.disable_prepacking", to: "1") }
        guard let memory else { return }
        for weight in copy.weights { try add(weight, in: memory) }
    }

    deinit {
        let functions = runtime.api.functions.pointee
        functions.ReleaseSessionOptions?(pointer)
        for value in values { functions.ReleaseValue?(value) }
        withExtendedLifetime(memory) {}
    }

    private func set(_ key: String, to value: String) throws(ServingError) {
        let status = runtime.api.functions.pointee.AddSessionConfigEntry?(pointer, key, value)
        try runtime.api.check(status, "setting session options")
    }

    private func add(_ weight: PlacedModel.Weight, in memory: any WeightMemory) throws(ServingError) {
        let api = runtime.api
        let type = ONNXTensorElementDataType(rawValue: ONNXTensorElementDataType.RawValue(weight.elementType))
        // The two enumerations have the same numbers for the same types (onnxruntime_c_api.h, ONNXTensorElementDataType).
        let value = try api.make("a weight") { out in
            weight.dimensions.withUnsafeBufferPointer { dimensions in
                api.functions.pointee.CreateTensorWithDataAsOrtValue?(
                    runtime.memoryInfo,
                    // Only read: the runtime takes weights that are handed over as they are.
                    UnsafeMutableRawPointer(mutating: memory.start + weight.offset),
                    weight.byteCount,
                    dimensions.baseAddress,
                    dimensions.count,
                    type,
                    &out
                )
            }
        }
        values.append(value)
        try api.check(api.functions.pointee.AddInitializer?(pointer, weight.name, value), "adding a weight")
    }
}
