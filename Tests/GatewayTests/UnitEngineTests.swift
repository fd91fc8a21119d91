import Foundation
import Logging
import ModelCatalog
import ModelServing
import ONNXEngine
import ServingCore
import Testing

@testable import Gateway

/// Small residual networks in a store of their own, on ONNX Runtime itself.
@Suite(.serialized) struct UnitEngineTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "units-\(UUID().uuidString)").path
    private let store: BlockStore
    private let engine: ONNXEngine

    init() throws {
        store = try BlockStore(directory: folder + "/store")
        engine = try ONNXEngine()
    }

    /// Writes `variants` networks that share most of their bytes, and imports them.
    private func fill(
        _ variants: Int,
        _ sharing: ModelZoo.Sharing = .prefix,
        blockByteLimit: Int = BlockStore.blockByteLimit
    ) throws {
        var zoo = try ModelZoo(depths: [18], variants: variants, shared: 0.6, sharing: sharing, seed: 2)
        (zoo.width, zoo.imageSize) = (8, 32)
        let types = try ONNXTensorTypes(configuration: GatewayConfiguration())
        var members: [ModelZoo.Member] = []
        try zoo.write(to: folder) { members.append($0) }
        for member in members {
            let (path, name) = (member.path, member.name)
            _ = try store.importModel(from: path, name: name, types: types, blockByteLimit: blockByteLimit)
        }
    }

    private func open() throws -> (units: UnitEngine, models: [ServableModel]) {
        try UnitEngine.serving(store, engine)
    }

    private func answer(of model: ServableModel, _ units: UnitEngine) throws -> [Float] {
        let blocks = ResidentBlocks(limit: ByteCount(1 << 30), engine: units) { [store] in store.path(of: $0) }
        for block in model.blocks { try blocks.load(block) }
        let runner = ModelRunner(engine: engine, maximumBatchRows: 8, clock: { SystemMonotonicClock.now() })
        return try floats(runner.run(blocks.pin(model), requests: [[image]]).results[0].get()[0].data)
    }

    private func wholeAnswer(of model: ServableModel) throws -> [Float] {
        let whole = try engine.load(block: BlockID(model.id.name), from: "\(folder)/\(model.id.name).onnx")
        return try floats(whole.run([engine.makeTensor(image)])[0].bytes())
    }

    private var image: Tensor {
        let count: Int = 2 * 3 * 32 * 32
        let values: [Float] = (0..<count).map { (index: Int) -> Float in Float(index % 61) / 61 }
        return Tensor(
            name: "image",
            datatype: .float32,
            shape: [2, 3, 32, 32],
            data: values.withUnsafeBytes { ByteRegion(copying: $0) }
        )
    }

    private func floats(_ region: ByteRegion) -> [Float] {
        region.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    private func expectEqual(_ ours: [Float], _ theirs: [Float]) {
        #expect(ours.count == theirs.count && !ours.isEmpty)
        let largest = theirs.map(abs).max() ?? 0
        let tolerance = 1e-5 * max(largest, 1)
        #expect(zip(ours, theirs).allSatisfy { abs($0 - $1) <= tolerance })
    }

    private func compiledFiles() throws -> [String] {
        let root = folder + "/store/compiled/" + engine.compilationKey
        return try FileManager.default.contentsOfDirectory(atPath: root).sorted().map { "\(root)/\($0)" }
    }

    @Test func `a model loaded whole answers as it does in blocks, and shares nothing`() throws {
        try fill(2)
        let (units, models) = try open()
        units.adopt(wholes: models)
        let own = models.map(\.whole)
        for (copy, model) in zip(own, models) { expectEqual(try answer(of: copy, units), try wholeAnswer(of: model)) }
        func bytes(_ models: [ServableModel]) throws -> ByteCount {
            let blocks = ResidentBlocks(limit: ByteCount(1 << 30), engine: units) { [store] in store.path(of: $0) }
            for block in models.flatMap(\.blocks) { try blocks.load(block) }
            return blocks.ledger.used
        }
        let (shared, apart) = (try bytes(models), try bytes(own))
        let one = try bytes([models[0]])
        #expect(apart > shared)
        #expect(abs(Double(apart.rawValue) / Double(2 * one.rawValue) - 1) < 0.1)
    }

    @Test func `Images between convolutions stay in the layout those work in, and answers are the same`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(3, .anywhere)
        let plain = try store.models().map(\.model)
        let (blocked, straight) = (store.fused(plain, blocksLayouts: true), FusedCatalog(plain))
        #expect(blocked.units.values.contains { !$0.layout.inputs.isEmpty && !$0.layout.outputs.isEmpty })
        let (units, _) = try open()
        units.adopt(straight.units)
        for (ours, theirs) in zip(blocked.models, straight.models) {
            expectEqual(try answer(of: ours, units), try answer(of: theirs, units))
        }
        guard engine.blocksLayouts else { return }
        for unit in blocked.units.values where !unit.layout.inputs.isEmpty && !unit.layout.outputs.isEmpty {
            let copy = try Data(contentsOf: URL(filePath: store.compiledFile(of: unit.id, key: engine.compilationKey)))
            for conversion in ["ReorderInput", "ReorderOutput"] {
                #expect(copy.firstRange(of: Data(conversion.utf8)) == nil)
            }
        }
    }

    @Test(arguments: ModelZoo.Sharing.allCases)
    func `Units answer as the whole model in one session does`(sharing: ModelZoo.Sharing) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(3, sharing)
        let (units, models) = try open()
        let plain = try store.models().map(\.model)
        #expect(zip(models, plain).allSatisfy { $0.blocks.count < $1.blocks.count })
        for model in models { expectEqual(try answer(of: model, units), try wholeAnswer(of: model)) }
    }

    @Test func `Blocks whose weights lie in files of their own answer alike, lone and in units`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(3, .anywhere, blockByteLimit: 20_000)
        let (units, models) = try open()
        let stored = try store.models().map(\.model)
        let detached = Set(stored.flatMap(\.blocks).map(\.id).filter(store.hasDetachedWeights))
        #expect(models.flatMap(\.blocks).contains { detached.contains($0.id) }, "one is loaded by itself")
        #expect(models.flatMap(\.blocks).count(where: { detached.contains($0.id) }) < stored.flatMap(\.blocks).count)
        for model in models {
            expectEqual(try answer(of: model, units), try wholeAnswer(of: model))
            expectEqual(try answer(of: model, units), try wholeAnswer(of: model))
        }
        #expect(units.counters.failures == 0)
    }

    @Test func `A second load uses the copy of the first, a second process too`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let (units, models) = try open()
        let first = try answer(of: models[0], units)
        #expect(units.counters == CompiledCounters(made: 1, damaged: 0, failures: 0))
        #expect(try answer(of: models[0], units) == first)
        let (other, _) = try open()
        #expect(try answer(of: models[0], other) == first)
        #expect(other.counters == CompiledCounters())
    }

    @Test func `A flipped bit and a lost end are noticed, counted, and made good`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let (units, models) = try open()
        let first = try answer(of: models[0], units)
        let file = try #require(try compiledFiles().first)
        let sound = try Data(contentsOf: URL(filePath: file))
        let changes: [(inout Data) -> Void] = [{ $0[$0.count / 3] ^= 4 }, { $0.removeLast(1000) }]
        for (round, change) in changes.enumerated() {
            var data = sound
            change(&data)
            try data.write(to: URL(filePath: file))
            #expect(try answer(of: models[0], units) == first)
            #expect(units.counters.damaged == round + 1)
            #expect(units.counters.rebuilt == round + 1)
            #expect(units.counters.made == round + 2)
            #expect(try Data(contentsOf: URL(filePath: file)) != data)
        }
    }

    @Test func `Copies may be deleted at any time`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let (units, models) = try open()
        let first = try answer(of: models[0], units)
        try FileManager.default.removeItem(atPath: folder + "/store/compiled")
        #expect(try answer(of: models[0], units) == first)
        #expect(units.counters == CompiledCounters(made: 2, damaged: 0, failures: 0))
    }

    @Test func `A damaged block is refused where it would have to be compiled`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let block = try #require(try store.models().first?.model.blocks.last)
        var data = try Data(contentsOf: URL(filePath: store.path(of: block.id)))
        data[data.count / 2] ^= 1
        try data.write(to: URL(filePath: store.path(of: block.id)))
        let (units, models) = try open()
        let error = #expect(throws: ServingError.self) { _ = try answer(of: models[0], units) }
        #expect(error?.code == .modelUnavailable)
        #expect(units.counters == CompiledCounters(damagedBlocks: 1))
    }

    @Test func `A copy that became shorter under a resident block is made anew for its next run`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let (units, models) = try open()
        let blocks = ResidentBlocks(limit: ByteCount(1 << 30), engine: units) { [store] in store.path(of: $0) }
        for block in models[0].blocks { try blocks.load(block) }
        let runner = ModelRunner(engine: engine, maximumBatchRows: 8, clock: { SystemMonotonicClock.now() })
        let pinned = try blocks.pin(models[0])
        defer { pinned.release() }
        let before = try floats(runner.run(pinned, requests: [[image]]).results[0].get()[0].data)
        let copies = try compiledCopies()
        #expect(!copies.isEmpty)
        for copy in copies { truncate(copy, 100) }
        expectEqual(try floats(runner.run(pinned, requests: [[image]]).results[0].get()[0].data), before)
        #expect(units.counters.rebuilt == copies.count)
    }

    private func compiledCopies() throws -> [String] {
        let root = folder + "/store/compiled"
        return try FileManager.default.subpathsOfDirectory(atPath: root).map { "\(root)/\($0)" }.filter { path in
            try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType == .typeRegular
        }
    }

    @Test func `Matrices are repacked where a block is named for it`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        let (units, models) = try open()
        let plain = try answer(of: models[0], units)
        let packable = models[0].blocks.map(\.id).filter(units.canPack)
        #expect(!packable.isEmpty, "the last layer of a ResNet is a matrix")
        units.pack(only: Set(packable))
        expectEqual(try answer(of: models[0], units), plain)
    }

    @Test func `Where no copy can be kept, models are served all the same`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(1)
        try Data("in the way".utf8).write(to: URL(filePath: folder + "/store/compiled"))
        let (units, models) = try open()
        expectEqual(try answer(of: models[0], units), try wholeAnswer(of: models[0]))
        #expect(units.counters.failures == 1)
    }

    @Test func `What a start measures is there for the next one`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let calibrator = ModelCalibrator(store: store, engine: engine, memory: ByteCount(1 << 30), logger: logger)
        var measured: [ModelID] = []
        try calibrator.calibrate(onlyMissing: true) { id, _ in measured.append(id) }
        #expect(measured.count == 2)
        let calibration = store.calibration(key: engine.calibrationKey)
        let plain = try store.models().map(\.model)
        let fused = store.fused(plain, blocksLayouts: engine.blocksLayouts)
        for (model, original) in zip(fused.models, plain) {
            #expect((calibration[compute: original]?.itemSeconds ?? 0) > 0)
            #expect(model.blocks.allSatisfy { (calibration[load: $0.id]?.seconds ?? 0) > 0 })
            #expect(original.blocks.allSatisfy { (calibration[load: $0.id]?.bytes ?? 0) > 0 })
        }
        try calibrator.calibrate(onlyMissing: true) { id, _ in measured.append(id) }
        #expect(measured.count == 2)
    }

    @Test func `How many batches at once serve most is measured once, and kept beside what models take`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try fill(2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let calibrator = ModelCalibrator(store: store, engine: engine, memory: ByteCount(1 << 30), logger: logger)
        #expect(try calibrator.measureLanes(onlyMissing: true) == nil, "no model was measured")
        try calibrator.calibrate(onlyMissing: true)
        let before = store.calibration(key: engine.calibrationKey)
        guard let lanes = try calibrator.measureLanes(onlyMissing: true, rounds: 1) else {
            #expect(ProcessInfo.processInfo.activeProcessorCount == 1)
            return
        }
        #expect((1...ProcessInfo.processInfo.activeProcessorCount).contains(lanes.count) && lanes.gain > 0)
        var after = store.calibration(key: engine.calibrationKey)
        #expect(after.lanes == lanes)
        #expect(try calibrator.measureLanes(onlyMissing: true) == lanes)
        after.lanes = nil
        #expect(after == before)
    }

    @Test(arguments: [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])])
    func `Lanes are tried by doubling up to one for each processor`(processors: Int, counts: [Int]) {
        #expect(ModelCalibrator.laneCounts(processors: processors) == counts)
    }
}
