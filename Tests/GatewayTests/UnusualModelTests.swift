import Foundation
import ModelCatalog
import ModelServing
import ONNXEngine
import ServingCore
import Testing

@testable import Gateway

/// Models that exporters seldom write, imported and run on ONNX Runtime itself.
///
/// The files are written by `Models/make_models.py`.
@Suite(.serialized) struct UnusualModelTests {
    private static let files = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Models")
    private let folder = FileManager.default.temporaryDirectory.appending(path: "unusual-\(UUID().uuidString)").path
    private let store: BlockStore
    private let engine: ONNXEngine

    init() throws {
        store = try BlockStore(directory: folder)
        engine = try ONNXEngine()
    }

    private func file(_ name: String) -> String { Self.files.appending(path: "\(name).onnx").path }

    private func add(_ name: String, verifying: Bool = true) throws -> ImportReport {
        let configuration = GatewayConfiguration()
        return try store.importModel(
            from: file(name),
            name: name,
            types: ONNXTensorTypes(configuration: configuration),
            trials: verifying ? ONNXTrialEngine(configuration: configuration) : nil
        )
    }

    /// Each request's own rows, the first `count` of rows that all differ.
    private func request(_ model: ServableModel, rows count: Int, from first: Int = 0) -> [Tensor] {
        model.inputs.enumerated().map { index, input in
            let shape = [count] + input.shape.dropFirst().map { $0 < 0 ? 5 : $0 }
            let width = shape.dropFirst().reduce(1, *)
            let values = (0..<count * width).map { place in
                sin(Float(1 + first * width + place) * Float(3 + index))
            }
            let data = values.withUnsafeBytes { ByteRegion(copying: $0) }
            return Tensor(name: input.name, datatype: .float32, shape: shape, data: data)
        }
    }

    private func answers(_ name: String, _ requests: [[Tensor]]) throws -> [[Tensor]] {
        let (units, fused) = try UnitEngine.serving(store, engine)
        let model = try #require(fused.first { $0.id.name == name })
        let blocks = ResidentBlocks(limit: ByteCount(1 << 30), engine: units) { [store] in store.path(of: $0) }
        for block in model.blocks { try blocks.load(block) }
        let runner = ModelRunner(engine: engine, maximumBatchRows: 64, clock: { SystemMonotonicClock.now() })
        return try runner.run(blocks.pin(model), requests: requests).results.map { try $0.get() }
    }

    private func wholeAnswer(_ name: String, _ request: [Tensor], outputs: [TensorSpecification]) throws -> [Tensor] {
        let whole = try engine.load(block: BlockID(name), from: file(name))
        let byName = Dictionary(uniqueKeysWithValues: request.map { (Array($0.name.utf8), $0) })
        let given = try whole.inputs.map { try engine.makeTensor(#require(byName[Array($0.name.utf8)])) }
        let found = try zip(whole.outputs, whole.run(given)).map { specification, value in
            Tensor(name: specification.name, datatype: value.datatype, shape: value.shape, data: try value.bytes())
        }
        return try outputs.map { output in try #require(found.first { $0.name == output.name }) }
    }

    private func expectEqual(_ ours: [Tensor], _ theirs: [Tensor], _ what: Comment) {
        #expect(ours.map(\.shape) == theirs.map(\.shape), what)
        for (one, other) in zip(ours, theirs) {
            let (left, right) = (floats(one.data), floats(other.data))
            let tolerance = 1e-5 * max(right.map(abs).max() ?? 0, 0.05)
            #expect(!left.isEmpty && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }, what)
        }
    }

    private func floats(_ region: ByteRegion) -> [Float] {
        region.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    /// A file, into how many blocks it is cut, and what it says of its rows.
    static let models: [(name: String, blocks: Int, mixing: String?)] = [
        ("loop", 2, "Loop node takes all rows together"),
        ("if", 3, "ReduceSum node works along the rows"),
        ("scan-rows", 3, "Scan node goes from row to row"),
        ("scan-time", 2, nil),
        ("function", 3, nil),
        ("sparse", 3, nil),
        ("quantised", 3, nil),
        ("dynamic-quantised", 1, "DynamicQuantizeLinear node takes all rows together"),
        ("four-bits", 2, nil),
        ("external", 2, nil),
        ("softmax-rows", 2, "Softmax node works along the rows"),
        ("normalised-rows", 2, "ReduceMean node works along the rows"),
        ("fold-rows", 2, "side by side differs"),
        ("fold-back", 2, nil),
        ("many-uses", 1, nil),
        ("count-if", 3, "If node decides by the number of rows"),
        ("count-add", 2, "Add node depends on the number of rows"),
        ("count-hidden", 2, "of 64 side by side differs"),
        ("count-reshape", 2, nil),
        ("two-names", 1, nil),
        ("latin-words", 1, nil),
    ]

    @Test(arguments: models)
    func `It is cut, and each request gets what the whole model gives it alone`(
        name: String,
        blocks: Int,
        mixing: String?
    ) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try add(name)
        guard case .passed? = report.verification else {
            Issue.record("\(report.description)")
            return
        }
        #expect(report.fallback == nil)
        #expect(report.blocks.count == blocks, "\(report.description)")
        #expect((report.mixedRows == nil) == (mixing == nil), "\(report.mixedRows ?? "independent")")
        if let mixing { #expect(report.mixedRows?.contains(mixing) == true, "\(report.mixedRows ?? "")") }

        let model = try #require(try store.models().first?.model)
        #expect(model.isBatchable == (mixing == nil))
        let requests = [
            request(model, rows: 1), request(model, rows: 2, from: 1), request(model, rows: 1, from: 3),
        ]
        for (index, answer) in try answers(name, requests).enumerated() {
            expectEqual(answer, try wholeAnswer(name, requests[index], outputs: model.outputs), "request \(index)")
        }
    }

    @Test func `What numbers elements through a batch is run one by one, tried or not`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reason = "MaxPool node numbers its elements through all rows"
        #expect(try add("pool-indices", verifying: false).mixedRows == reason)
    }

    @Test func `Two inputs whose names only differ in bytes are two`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try add("two-names")
        let model = try #require(try store.models().first?.model)
        #expect(model.inputs.map { $0.name.utf8.count } == [2, 3])
        let answer = try #require(try answers("two-names", [request(model, rows: 2)]).first)
        #expect(floats(answer[0].data).contains { $0 != 0 })
    }

    @Test func `What is no tensor, or has no name in the protocol, is refused with what to do`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, words) in [("maps", "options={'zipmap': False}"), ("float-eight", "FLOAT8E4M3FN")] {
            let error = #expect(throws: CatalogError.self) { try add(name) }
            #expect(error?.code == .unsupportedModel)
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func `Without being tried, only what is proved is batched`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try add("external", verifying: false).mixedRows == nil)
        #expect(try add("fold-back", verifying: false).mixedRows?.hasSuffix("and it was not tried") == true)
        #expect(try add("softmax-rows", verifying: false).mixedRows == "Softmax node works along the rows")
    }

    @Test func `What was found out is kept when the same file comes again`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try add("fold-rows")
        let again = try add("fold-rows", verifying: false)
        #expect(again.isAlreadyPresent)
        #expect(again.mixedRows == first.mixedRows && first.mixedRows != nil)
        #expect(try store.models().first?.mixedRows == first.mixedRows)
    }

    @Test func `Operators of a domain the runtime lacks are refused by name`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: CatalogError.self) { try add("custom-domain") }
        #expect(error?.code == .unsupportedModel)
        #expect(error?.message.contains("which has operators of domain 'com.example'") == true)
        #expect(try store.models().isEmpty)
    }
}
