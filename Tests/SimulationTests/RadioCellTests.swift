import Testing

@testable import Simulation

struct RadioCellTests {
    private let cell = RadioCell()

    @Test func `the path loss is that of the table`() {
        #expect(abs(cell.pathLossDB(meters: 1000) - 128.1) < 1e-9)
        #expect(abs(cell.pathLossDB(meters: 100) - 90.5) < 1e-9)
    }

    @Test func `signal over noise is that of a hand calculation`() {
        // At 250 m: 23 + 14 - 20 - 105.463 = -88.463 dBm; noise -174 + 5 + 73.010 = -95.990 dBm: 7.527 dB.
        #expect(abs(cell.signalToNoise(meters: 250, fading: 1) - 5.658) < 0.005)
        #expect(abs(cell.efficiency(signalToNoise: 3) - 2) < 1e-12)
        #expect(cell.efficiency(signalToNoise: 1e9) == cell.bestEfficiency)
    }

    @Test func `users are uniform over the area, and fading keeps the mean`() {
        var random = SimulationRandom(seed: 1)
        let distances = (0..<20_000).map { _ in cell.distance(&random) }
        #expect(distances.allSatisfy { (cell.minimumMeters...cell.radiusMeters).contains($0) })
        // Half of the ring's area lies within sqrt((35^2 + 250^2) / 2) = 178.5 m.
        let inner = Double(distances.count { $0 < 178.5 }) / 20_000
        #expect(abs(inner - 0.5) < 0.015, "\(inner)")
        let fading = (0..<20_000).reduce(0.0) { sum, _ in sum + cell.fading(&random) } / 20_000
        #expect(abs(fading - 1) < 0.03, "\(fading)")
    }
}
