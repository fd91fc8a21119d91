import ModelCatalog
import Testing

/// What batches of several sizes say of a model.
struct CalibrationFittingTests {
    private typealias Compute = Calibration.Compute

    private func expect(_ found: Calibration.Compute, _ base: Double, _ item: Double) {
        #expect(abs(found.baseSeconds - base) < 1e-9 && abs(found.itemSeconds - item) < 1e-9, "\(found)")
    }

    @Test func `Times on a line give the line`() {
        expect(Compute(fitting: [1, 2, 4, 8].map { ($0, 0.003 + 0.002 * Double($0)) }), 0.003, 0.002)
        expect(Compute(fitting: [(4, 0.011), (1, 0.005)]), 0.003, 0.002)
    }

    @Test func `No size is far off where one of them stands out`() {
        let samples = [(1, 0.010), (2, 0.022), (4, 0.036), (8, 0.074)].map { (requests: $0.0, seconds: $0.1) }
        let found = Compute(fitting: samples)
        for sample in samples {
            let estimate = found.baseSeconds + found.itemSeconds * Double(sample.requests)
            #expect(abs(estimate / sample.seconds - 1) < 0.12)
        }
    }

    @Test func `Both stay positive, whatever was measured`() {
        for samples in [[(1, 0.01), (4, 0.01)], [(1, 0.01), (4, 0.005)], [(1, 0.01), (2, 0.03), (4, 0.09)]] {
            let found = Compute(fitting: samples.map { (requests: $0.0, seconds: $0.1) })
            #expect(found.baseSeconds >= 0.0001 && found.itemSeconds >= 0.0001)
        }
    }

    @Test func `Requests that run one by one are all item`() {
        expect(Compute(fitting: [(1, 0.02)], isBatchable: false), 0, 0.02)
        expect(Compute(fitting: [(1, 0.02)]), 0, 0.02)
        expect(Compute(fitting: []), 0, 0)
    }
}
