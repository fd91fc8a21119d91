import Dispatching
import JSONCoding
import ServingCore
import TestSupport
import Testing
import TraceReplay

@testable import Simulation

struct CalibrationFileTests {
    static let file: CalibrationFile = {
        let block = ParameterBlock(id: BlockID("b0"), size: ByteCount(1000))
        let models = [1, 2].map { version in
            CalibrationFile.Model(
                entry: DispatchCatalog.Model(
                    id: ModelID(name: "m", version: version),
                    blocks: [block],
                    isBatchable: version == 1,
                    compute: DispatchCatalog.Compute(baseSeconds: 0.001, itemSeconds: 0.0005)
                ),
                bodyBytes: 300
            )
        }
        let variation = WorkVariation(
            loads: .init(alone: [0.5, 1], beside: [2, 4]),
            batches: .init(alone: [1], beside: [1.5])
        )
        return CalibrationFile(
            costs: .stated,
            models: models,
            loadSeconds: [block.id: 0.25],
            contention: 0.5,
            variation: variation,
            orderSeconds: 0.0002,
            lanes: CalibrationFile.Lanes(count: 2, slowdown: 0.75)
        )
    }()

    private func read(_ text: String) throws -> CalibrationFile {
        var text = text
        return try text.withUTF8 { try CalibrationFile(parsing: UnsafeRawBufferPointer($0)) }
    }

    private static var text: String {
        file.json().withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `what is written is read again`() throws {
        #expect(try read(Self.text) == Self.file)
    }

    @Test(arguments: [
        ("\"version\":1,\"source", "\"version\":2,\"source", "version"),
        ("\"load_s\":0.25", "\"load_s\":-1", "blocks.b0.load_s"),
        ("\"bytes\":1000", "\"bytes\":1.5", "blocks.b0.bytes"),
        ("\"load_bytes_per_second\":", "\"load_bytes_per_secund\":", "load_bytes_per_second"),
        ("\"blocks\":[\"b0\"]", "\"blocks\":[\"b1\"]", "models[0].blocks[0]"),
        ("\"name\":\"m\",\"version\":1", "\"name\":\"m\",\"version\":2", "models[1]"),
        ("\"name\":\"m\"", "\"name\":\"m/../x\"", "models[0].name"),
        ("\"infer_base_s\":0.001", "\"infer_base_s\":\"fast\"", "models[0].infer_base_s"),
        ("\"loads_alone\":[0.5", "\"loads_alone\":[-0.5", "variation.loads_alone[0]"),
        ("\"batches_alone\":[1.0]", "\"batches_alone\":[]", "variation"),
        ("\"load_order_s\":0.0002", "\"load_order_s\":-1", "load_order_s"),
        ("\"body_bytes\":300", "\"body_bytes\":-3", "models[0].body_bytes"),
    ])
    func `bad members are named`(good: String, bad: String, field: String) throws {
        var text = Self.text
        let place = try #require(text.firstRange(of: good))
        text.replaceSubrange(place, with: bad)
        let error = #expect(throws: ServingError.self) { try read(text) }
        #expect(error?.field == field, "\(String(describing: error))")
    }

    @Test func `a file without variation is read, and its contention holds for all`() throws {
        var file = Self.file
        file.variation = nil
        let text = file.json().withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(!text.contains("variation"))
        #expect(try read(text) == file)
    }

    @Test func `a file of before orders were measured is read, and they take nothing`() throws {
        var text = Self.text
        let place = try #require(text.firstRange(of: "\"load_order_s\":0.0002,"))
        text.removeSubrange(place)
        #expect(try read(text).orderSeconds == 0)
    }

    @Test func `samples count as much as they weigh`() {
        let ratios = WorkVariation.Ratios(alone: [(15, 0.01), (1, 0.6), (2, 0.39)], beside: [(3, 0), (4, 2)])
        #expect(ratios.alone.count == WorkVariation.quantileCount)
        #expect(ratios.alone.count { $0 == 1 } == 60)
        #expect(ratios.alone.count { $0 == 15 } == 1 && ratios.alone.last == 15)
        #expect(ratios.beside == Array(repeating: 4, count: WorkVariation.quantileCount))
        #expect(WorkVariation.Ratios(alone: [(1, 0)], beside: []).alone.isEmpty)
    }

    @Test func `many samples become their quantiles, few stay`() throws {
        let many = WorkVariation.Ratios(alone: (1...1000).map(Double.init).reversed(), beside: [3, 1, 2])
        let variation = try #require(WorkVariation(loads: many, batches: many))
        #expect(variation.loads.alone.count == WorkVariation.quantileCount)
        #expect(variation.loads.alone.first == 6 && variation.loads.alone.last == 996)
        #expect(variation.loads.beside == [1, 2, 3])
        #expect(variation.loads.at(0.999).alone == 996 && variation.loads.at(0).beside == 1)
        #expect(WorkVariation(loads: many, batches: .init(alone: [], beside: [1])) == nil)
    }

    @Test func `text that is cut off is malformed`() {
        let error = #expect(throws: ServingError.self) { try read(String(Self.text.dropLast(5))) }
        #expect(error?.code == .malformedJSON)
    }

    @Test func `a line through measurements is found again`() throws {
        var fit = CostFit()
        for bytes in [1_000, 50_000, 2_000_000] {
            fit.observeLoad(bytes: bytes, seconds: 0.0003 + Double(bytes) / 4e8)
        }
        fit.observeCompute(blocks: 10, operations: 2_000_000_000, baseSeconds: 0.002, itemSeconds: 0.01)
        let costs = try #require(fit.costs(source: "test"))
        #expect(abs(costs.loadSecondsPerBlock - 0.0003) < 1e-9)
        #expect(abs(costs.loadBytesPerSecond / 4e8 - 1) < 1e-6)
        #expect(abs(costs.batchSecondsPerBlock - 0.0002) < 1e-12)
        #expect(abs(costs.operationsPerSecond / 2e11 - 1) < 1e-9)
        #expect(CostFit().costs(source: "nothing") == nil)
    }

    @Test func `a trace asks for the newest version, over its device's link, with the model's own body at least`()
        throws
    {
        let trace = Trace([
            TraceRequest(arrival: 0, model: "m", device: "a", timeout: 50, bodyBytes: 1000, linkRate: 5e6),
            TraceRequest(arrival: 1, model: "m", version: 1, device: "a", timeout: 60, bodyBytes: 10),
            TraceRequest(arrival: 2, model: "m", device: "b", timeout: 70),
        ])
        let requests = try TraceArrivals(trace, models: Self.file)
        #expect(requests.arrivals.map(\.model) == [1, 0, 1])
        #expect(requests.arrivals.map(\.bytes) == [1000, 300, 300])
        #expect(requests.arrivals.map(\.device) == [0, 0, 1])
        #expect(requests.arrivals.map(\.linkRate) == [5e6, 5e6, 1e12])
        #expect(requests.arrivals.map(\.timeout) == [0.05, 0.06, 0.07])
        let unknown = Trace([TraceRequest(arrival: 0, model: "n", device: "", timeout: 1)])
        #expect(throws: ServingError.self) { try TraceArrivals(unknown, models: Self.file) }
    }
}
