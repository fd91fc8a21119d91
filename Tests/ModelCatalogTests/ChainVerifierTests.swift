import FoundationEssentials
import ServingCore
import Testing

@testable import ModelCatalog

/// Stands in for a runtime: a file "calculates" bytes that depend on its inputs, and faults can be put in.
private struct FakeTrials: TrialEngine {
    /// Added to what blocks of the store give.
    var fault: Float = 0
    /// Whether the whole model gives something else each time.
    var isRandom = false
    /// The first dimension the whole model takes; nil for any.
    var onlyRows: Int?
    /// Whether blocks cannot be run.
    var blocksFail = false

    func load(_ file: String) throws(ServingError) -> any TrialModel {
        FakeTrialModel(self, isBlock: file.contains("/blocks/"))
    }
}

private final class FakeTrialModel: TrialModel {
    private let engine: FakeTrials
    private let isBlock: Bool
    private var runs: Float = 0

    init(_ engine: FakeTrials, isBlock: Bool) {
        (self.engine, self.isBlock) = (engine, isBlock)
    }

    var inputs: [TensorSpecification] { [TensorSpecification(name: "x", datatype: .float32, shape: [-1, 4])] }

    func run(_ inputs: [Tensor]) throws(ServingError) -> [Tensor] {
        if isBlock, engine.blocksFail { throw ServingError(.engineFailed, "no kernel") }
        if let rows = engine.onlyRows, !isBlock, inputs.first?.shape.first != rows {
            throw ServingError(.invalidField, "\(rows) rows only")
        }
        runs += 1
        let value = 1 + (isBlock ? engine.fault : 0) + (engine.isRandom ? Float.random(in: 0..<1) : 0)
        let bytes = withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        return [Tensor(name: "y", datatype: .float32, shape: [1], data: ByteRegion(copying: bytes))]
    }
}

struct ChainVerifierTests {
    private let folder: TemporaryFolder
    private let store: BlockStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlockStore(directory: "\(folder.path)/store")
    }

    private func add(_ trials: FakeTrials?, version: Int? = nil) throws -> ImportReport {
        try store.importModel(
            from: folder.write(.chain([1, 2, 3])),
            name: "digits",
            version: version,
            types: TypeTable(),
            trials: trials
        )
    }

    @Test func `Where blocks in a row give the same, the model is cut`() throws {
        let report = try add(FakeTrials())
        #expect(report.verification == .passed(runs: 3, difference: 0))
        #expect(report.blocks.count == 3)
        #expect(try add(FakeTrials()).verification == nil)
    }

    @Test func `Where they give something else, the model is kept as one block, which says so`() throws {
        let report = try add(FakeTrials(fault: 0.5))
        #expect(report.blocks.count == 1)
        #expect(
            report.fallback
                == "its blocks in a row do not give what the whole model gives: output 'y' differs by 0.5"
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.layout.blocks).count == 1)
        #expect(try store.models().first?.fallback == report.fallback)
        for version in [nil, 1] {
            let again = try add(FakeTrials(fault: 0.5), version: version)
            #expect(again.isAlreadyPresent)
            #expect(try store.models().count == 1)
        }
    }

    @Test func `Where they do not run, the model is kept as one block`() throws {
        #expect(try add(FakeTrials(blocksFail: true)).fallback == "its blocks do not run in a row: no kernel")
    }

    @Test func `Where the whole model takes no generated input, the model is cut unverified`() throws {
        let report = try add(FakeTrials(onlyRows: 77))
        #expect(report.verification == .impossible("the model takes none of the generated inputs: 77 rows only"))
        #expect(report.blocks.count == 3)
        #expect(
            report.description.contains("\nnot verified: the model takes none of the generated inputs: 77 rows only\n")
        )
    }

    @Test func `Where the whole model gives something else each time, nothing can be said`() throws {
        let report = try add(FakeTrials(isRandom: true))
        #expect(report.verification == .impossible("the model gives something else each time it runs"))
        #expect(report.blocks.count == 3)
    }

    @Test func `Inputs are tried until the model takes one`() throws {
        #expect(try add(FakeTrials(onlyRows: 1)).verification == .passed(runs: 3, difference: 0))
    }

    @Test func `Without trials nothing is compared`() throws {
        #expect(try add(nil).verification == .skipped)
    }

    @Test func `Inputs are the same for the same seed, and have what their shape says`() throws {
        let attempt = TrialAttempt(2, 8, further: 3)
        let inputs = TensorDatatype.allCases.map { TensorSpecification(name: "x", datatype: $0, shape: [-1, 4, -1]) }
        var (first, second) = (TrialInputs(seed: 7), TrialInputs(seed: 7))
        let (made, again) = (first.tensors(for: inputs, attempt), second.tensors(for: inputs, attempt))
        let tensors = try #require(made)
        #expect(tensors.map(\.data.array) == again?.map(\.data.array))
        for tensor in tensors {
            #expect(tensor.shape == (tensor.datatype == .bool ? [2, 4, 8] : [2, 4, 3]))
            #expect(
                tensor.data.count == (Tensor.elementCount(of: tensor.shape) ?? 0) * (tensor.datatype.elementSize ?? 5)
            )
        }
        let huge = TensorSpecification(name: "x", datatype: .float32, shape: [.max, 2])
        let none = first.tensors(for: [huge], attempt)
        #expect(none?.count == nil)
    }
}
