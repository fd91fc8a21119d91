import JSONCoding
import OpenInferenceProtocol
import ServingCore
import Testing

struct MetadataTests {
    private func model(batchable: Bool) -> ServableModel {
        let first = batchable ? -1 : 1
        return ServableModel(
            id: ModelID(name: "digits", version: 2),
            inputs: [TensorSpecification(name: "x", datatype: .float32, shape: [first, 64])],
            outputs: [TensorSpecification(name: "y", datatype: .bytes, shape: [first])],
            steps: [],
            slotCount: 2,
            outputSlots: [1]
        )
    }

    @Test func `Server metadata lists the extensions`() {
        let metadata = ServerMetadata(name: "g", version: "1.0", extensions: ["statistics"])
        #expect(text(metadata.json()) == #"{"name":"g","version":"1.0","extensions":["statistics"]}"#)
        #expect(ServerMetadata.supportedExtensions.contains("binary_tensor_data"))
    }

    @Test func `Health and readiness say what is asked`() {
        #expect(text(ServerHealth.live(true).json()) == #"{"live":true}"#)
        #expect(text(ServerHealth.ready(false).json()) == #"{"ready":false}"#)
        #expect(text(ModelReadiness(name: "m", isReady: true).json()) == #"{"name":"m","ready":true}"#)
    }

    @Test func `Model metadata has versions as text and shapes with open dimensions`() {
        let metadata = ModelMetadata(model: model(batchable: true), versions: [1, 2])
        #expect(
            text(metadata.json())
                == #"{"name":"digits","versions":["1","2"],"platform":"onnxruntime_onnx","#
                + #""inputs":[{"name":"x","datatype":"FP32","shape":[-1,64]}],"#
                + #""outputs":[{"name":"y","datatype":"BYTES","shape":[-1]}]}"#
        )
    }

    @Test func `A batched model's configuration leaves the batch dimension out`() throws {
        let configuration = ModelConfiguration(
            model: model(batchable: true),
            maximumBatchSize: 16,
            maximumQueueDelay: .microseconds(500)
        )
        let root = try JSONDocument(parsing: configuration.json()).root
        #expect(try root.member("max_batch_size").int64() == 16)
        let input = try #require(Array(try root.member("input").elements()).first)
        #expect(try input.member("data_type").string() == "TYPE_FP32")
        #expect(try input.member("dims").elements().map { try $0.int64() } == [64])
        let output = try #require(Array(try root.member("output").elements()).first)
        #expect(try output.member("data_type").string() == "TYPE_STRING")
        #expect(try root.member("dynamic_batching").member("max_queue_delay_microseconds").int64() == 500)
    }

    @Test func `A model with a fixed first dimension has no batch size`() throws {
        let configuration = ModelConfiguration(model: model(batchable: false), maximumBatchSize: 16)
        let root = try JSONDocument(parsing: configuration.json()).root
        #expect(try root.member("max_batch_size").int64() == 0)
        let input = try #require(Array(try root.member("input").elements()).first)
        #expect(try input.member("dims").elements().map { try $0.int64() } == [1, 64])
        #expect(try root.optionalMember("dynamic_batching") == nil)
    }

    @Test func `Statistics have every count under its name`() throws {
        var statistics = ModelStatistics(name: "m", version: 1)
        statistics.lastInference = 1_700_000_000_000
        statistics.inferenceCount = 5
        statistics.executionCount = 2
        statistics.success = .init(count: 5, nanoseconds: 70)
        statistics.queue = .init(count: 5, nanoseconds: 30)
        var batch = ModelStatistics.Batch(size: 4)
        batch.computeInfer = .init(count: 1, nanoseconds: 9)
        statistics.batches = [batch]
        statistics.memory = [.init(type: "CPU", byteCount: 1024)]
        let root = try JSONDocument(parsing: ModelStatisticsReport(models: [statistics]).json()).root
        let model = try #require(Array(try root.member("model_stats").elements()).first)
        #expect(try model.member("version").string() == "1")
        #expect(try model.member("last_inference").int64() == 1_700_000_000_000)
        #expect(try model.member("execution_count").int64() == 2)
        let tallies = try model.member("inference_stats")
        #expect(try tallies.member("queue").member("ns").int64() == 30)
        #expect(
            try tallies.members().map(\.name) == [
                "success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit",
                "cache_miss",
            ]
        )
        let size = try #require(Array(try model.member("batch_stats").elements()).first)
        #expect(try size.member("compute_infer").member("count").int64() == 1)
        let memory = try #require(Array(try model.member("memory_usage").elements()).first)
        #expect(try memory.member("byte_size").int64() == 1024)
    }
}
