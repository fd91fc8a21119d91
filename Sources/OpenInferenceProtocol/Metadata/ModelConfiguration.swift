public import JSONCoding
public import ServingCore

/// The answer to `GET /v2/models/{m}/config`, in the words of Triton's model configuration.
public struct ModelConfiguration: Hashable, Sendable, JSONWritable {
    /// The model.
    public var model: ServableModel
    /// The most rows run as one tensor, be they of one request or of several; counts only for a batchable model.
    public var maximumBatchSize: Int
    /// How long a request may be held back for others to join it.
    public var maximumQueueDelay: Duration
    /// Where the model runs.
    public var instanceKind: InstanceKind

    /// Where instances of a model run.
    public enum InstanceKind: String, Hashable, Sendable {
        /// On the processor.
        case processor = "KIND_CPU"
        /// On a graphics accelerator.
        case accelerator = "KIND_GPU"
    }

    /// Makes a configuration.
    public init(
        model: ServableModel,
        maximumBatchSize: Int,
        maximumQueueDelay: Duration = .zero,
        instanceKind: InstanceKind = .processor
    ) {
        self.model = model
        self.maximumBatchSize = maximumBatchSize
        self.maximumQueueDelay = maximumQueueDelay
        self.instanceKind = instanceKind
    }

    /// What `max_batch_size` says: 0 for a model that is not batched; else `dims` leave the first dimension out.
    private var batchSize: Int { model.isBatchable ? min(max(maximumBatchSize, 1), Int(Int32.max)) : 0 }

    /// Writes the configuration.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", model.id.name)
            writer.member("platform", "onnxruntime_onnx")
            writer.member("backend", "onnxruntime")
            writePolicies(to: &writer)
            writer.member("max_batch_size", batchSize)
            write(model.inputs, as: "input", to: &writer)
            write(model.outputs, as: "output", to: &writer)
            writeInstances(to: &writer)
            writeBatching(to: &writer)
        }
    }

    private func writePolicies(to writer: inout JSONWriter) {
        writer.key("version_policy")
        writer.object { writer in
            writer.key("all")
            writer.object { _ in }
        }
        writer.key("model_transaction_policy")
        writer.object { $0.member("decoupled", false) }
    }

    private func write(_ tensors: [TensorSpecification], as name: String, to writer: inout JSONWriter) {
        writer.key(name)
        writer.array { writer in
            for tensor in tensors {
                writer.object { writer in
                    writer.member("name", tensor.name)
                    writer.member("data_type", tensor.datatype.configurationName)
                    writer.member("dims", batchSize > 0 ? Array(tensor.shape.dropFirst()) : tensor.shape)
                }
            }
        }
    }

    private func writeInstances(to writer: inout JSONWriter) {
        writer.key("instance_group")
        writer.array { writer in
            writer.object { writer in
                writer.member("name", model.id.name)
                writer.member("kind", instanceKind.rawValue)
                writer.member("count", 1)
            }
        }
    }

    private func writeBatching(to writer: inout JSONWriter) {
        guard batchSize > 1 else { return }
        writer.key("dynamic_batching")
        writer.object { writer in
            writer.member("max_queue_delay_microseconds", maximumQueueDelay.clampedNanoseconds / 1_000)
        }
    }
}

extension TensorDatatype {
    /// The type's name in Triton's model configuration (model_config.proto).
    fileprivate var configurationName: String { self == .bytes ? "TYPE_STRING" : "TYPE_\(rawValue)" }
}
