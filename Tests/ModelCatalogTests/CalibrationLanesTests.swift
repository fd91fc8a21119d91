import ModelCatalog
import Testing

struct CalibrationLanesTests {
    @Test func `the fewest lanes are chosen that do nearly as much as any`() throws {
        let two = try #require(Calibration.Lanes(choosingFrom: [1: 1, 2: 1.6, 4: 1.61]))
        #expect(two == Calibration.Lanes(count: 2, slowdown: 0.25, gain: 1.6))
        let one = try #require(Calibration.Lanes(choosingFrom: [1: 1, 2: 0.9]))
        #expect(one == Calibration.Lanes(count: 1, slowdown: 0, gain: 1))
        let four = try #require(Calibration.Lanes(choosingFrom: [1: 2, 2: 4, 4: 8]))
        #expect(four == Calibration.Lanes(count: 4, slowdown: 0, gain: 4))
    }

    @Test(arguments: [[2: 1.0], [1: 0.0, 2: 1], [1: 1.0, 2: 0], [:]])
    func `nothing is chosen from measurements that cannot be`(rates: [Int: Double]) {
        #expect(Calibration.Lanes(choosingFrom: rates) == nil)
    }
}
