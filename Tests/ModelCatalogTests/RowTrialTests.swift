import FoundationEssentials
import ServingCore
import Synchronization
import Testing

@testable import ModelCatalog

/// A model that gives each row back, and from `from` rows on something else.
private final class Doubling: TrialEngine, TrialModel {
    let from: Int
    let failsFrom: Int
    let sizes = Mutex<[Int]>([])

    init(from: Int = .max, failsFrom: Int = .max) {
        (self.from, self.failsFrom) = (from, failsFrom)
    }

    let inputs = [TensorSpecification(name: "x", datatype: .float32, shape: [-1, 2])]

    func load(_ file: String) throws(ServingError) -> any TrialModel { self }

    func run(_ inputs: [Tensor]) throws(ServingError) -> [Tensor] {
        var output = inputs[0]
        let rows = output.shape[0]
        sizes.withLock { $0.append(rows) }
        if rows >= failsFrom { throw ServingError(.engineFailed, "too many") }
        output.name = "y"
        if rows >= from {
            output.data = output.data.withUnsafeBytes { bytes in
                let places = stride(from: 0, to: bytes.count, by: 4)
                let values = places.map { bytes.loadUnaligned(fromByteOffset: $0, as: Float.self) + 1 }
                return values.withUnsafeBytes { ByteRegion(copying: $0) }
            }
        }
        return [output]
    }
}

struct RowTrialTests {
    private func result(_ model: Doubling, largest: Int = 64, secondsEach: Double = 0) -> RowTrial.Result {
        let time = Mutex(MonotonicInstant(nanoseconds: 0))
        var trial = RowTrial(engine: model, largestBatch: largest)
        trial.clock = {
            time.withLock { time in
                defer { time = time.advanced(by: .seconds(secondsEach)) }
                return time
            }
        }
        return trial.result(of: "model", inputs: model.inputs)
    }

    @Test func `Batches grow to the largest there will be`() {
        let model = Doubling()
        #expect(result(model) == .independent)
        #expect(model.sizes.withLock { $0 }.suffix(6) == [2, 3, 5, 8, 17, 64])
        let small = Doubling()
        #expect(result(small, largest: 8) == .independent)
        #expect(small.sizes.withLock { $0 }.suffix(4) == [2, 3, 5, 8])
    }

    @Test(arguments: [2, 5, 9, 17, 18, 64])
    func `A difference from any number of rows on is found`(from: Int) {
        guard case .mixed = result(Doubling(from: from)) else {
            Issue.record("rows that depend on each other from \(from) on were not found")
            return
        }
    }

    @Test func `What fails side by side cannot stand there; what only fails in numbers was not tried`() {
        guard case .mixed = result(Doubling(failsFrom: 2)) else {
            Issue.record("two that do not run were taken to")
            return
        }
        #expect(result(Doubling(failsFrom: 60)) == .impossible("64 side by side do not run: too many"))
    }

    @Test func `What would take too long is not tried, and that is said`() {
        #expect(result(Doubling(), secondsEach: 20) == .impossible("64 side by side would take too long"))
    }

    @Test func `Where that is cheap, as many rows are tried as requests of several can have`() {
        let time = MonotonicInstant(nanoseconds: 0)
        var trial = RowTrial(engine: Doubling(from: 5000), largestBatch: 64)
        trial.clock = { time }
        #expect(trial.result(of: "model", inputs: Doubling().inputs) == .independent)
        trial.largestRows = 16384
        guard case .mixed = trial.result(of: "model", inputs: Doubling().inputs) else {
            Issue.record("what 5000 rows give was not looked at")
            return
        }
    }

    @Test func `What is not proved is batched only where the largest batch was tried`() throws {
        var builder = ModelBuilder()
        builder.add("Mystery", ["x"], ["y"], domain: "com.example")
        let unknown = try RowIndependence(of: builder.model())
        #expect(unknown.reason(.independent) == nil)
        #expect(unknown.reason(.impossible("it is large"))?.hasSuffix("it could not be tried: it is large") == true)
        #expect(unknown.reason(nil)?.hasSuffix("it was not tried") == true)
    }
}
