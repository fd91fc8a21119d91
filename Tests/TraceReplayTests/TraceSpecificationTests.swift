import ServingCore
import TestSupport
import Testing

@testable import TraceReplay

@Suite struct TraceSpecificationTests {
    private static let processes: [ArrivalProcess] = [
        .poisson, .bursty(factor: 10, meanSeconds: 1), .diurnal(depth: 0.8, periodSeconds: 100),
    ]

    private func make(_ arrivals: ArrivalProcess, seed: UInt64 = 1) -> TraceSpecification {
        TraceSpecification(arrivals: arrivals, rate: 200, duration: 400, models: ["a", "b", "c"], seed: seed)
    }

    @Test(arguments: processes)
    func `every process has the mean rate, in order, within the duration`(_ arrivals: ArrivalProcess) {
        let times = make(arrivals).make().requests.map(\.arrival)
        // Bursts of 1 s vary the most: about 200 of each kind in 400 s.
        #expect(abs(Double(times.count) / 80_000 - 1) < 0.15, "\(times.count)")
        #expect(times == times.sorted())
        #expect(times.allSatisfy { (0..<400).contains($0) })
    }

    @Test(arguments: processes)
    func `equal seeds draw equal traces, others do not`(_ arrivals: ArrivalProcess) {
        #expect(make(arrivals).make() == make(arrivals).make())
        #expect(make(arrivals).make() != make(arrivals, seed: 2).make())
    }

    @Test func `bursts vary more than Poisson arrivals do`() {
        #expect(dispersion(.poisson) < 1.5)
        #expect(dispersion(.bursty(factor: 10, meanSeconds: 1)) > 5)
    }

    @Test func `a day is calm at its ends and busy in its middle`() {
        let times = make(.diurnal(depth: 0.8, periodSeconds: 400)).make().requests.map(\.arrival)
        let edge = times.count { $0 < 40 || $0 >= 360 }
        let middle = times.count { (160..<240).contains($0) }
        #expect(middle > 4 * edge, "\(middle) and \(edge)")
    }

    @Test func `Zipf's law draws the second half as often as the first, and exponent 0 all alike`() {
        for (exponent, ratio) in [(1.0, 2.0), (0.0, 1.0)] {
            var wanted = make(.poisson)
            wanted.zipfExponent = exponent
            let models = wanted.make().requests.map(\.model)
            let (first, second) = (models.count { $0 == "a" }, models.count { $0 == "b" })
            #expect(abs(Double(first) / Double(second) / ratio - 1) < 0.05, "\(first) and \(second)")
        }
    }

    @Test func `a shifting mix asks most for another model each time, and for all alike in the long run`() {
        var wanted = make(.poisson)
        wanted.zipfExponent = 2
        wanted.shiftSeconds = 100
        let requests = wanted.make().requests
        func favourite(_ range: Range<Double>) -> String? {
            let models = requests.filter { range.contains($0.arrival) }.map(\.model)
            return Dictionary(grouping: models) { $0 }.max { $0.value.count < $1.value.count }?.key
        }
        #expect([0.0, 100, 200, 300].map { favourite($0..<$0 + 100) } == ["a", "b", "c", "a"])
    }

    @Test func `one device in ten has half the link it claims`() {
        var wanted = make(.poisson)
        wanted.devices = 50
        wanted.spectralEfficiency = 1...5
        wanted.linkBandwidth = Hertz(1e6)
        wanted.overstatingPart = 0.1
        let devices = Dictionary(grouping: wanted.make().requests, by: \.device).compactMapValues(\.first)
        let parts = devices.values.map { ($0.linkRate ?? 0) / (($0.spectralEfficiency ?? 0) * 1e6) }
        #expect(parts.count == 50)
        #expect(parts.count { abs($0 - 0.5) < 1e-3 } == 5)
        #expect(parts.count { abs($0 - 1) < 1e-3 } == 45)
    }

    @Test func `links and timeouts lie in their ranges, and a device keeps its link`() {
        var wanted = make(.poisson)
        wanted.devices = 10
        wanted.linkRate = 1e6...8e6
        wanted.spectralEfficiency = 1...5
        wanted.timeout = 100...200
        let requests = wanted.make().requests
        #expect(requests.allSatisfy { (1e6...8e6).contains($0.linkRate ?? 0) && (100...200).contains($0.timeout) })
        #expect(requests.allSatisfy { (1.0...5.0).contains($0.spectralEfficiency ?? 0) })
        for (_, own) in Dictionary(grouping: requests, by: \.device) { #expect(Set(own.map(\.linkRate)).count == 1) }
    }

    /// The variance of arrivals in each second over their mean: 1 for a Poisson process.
    private func dispersion(_ arrivals: ArrivalProcess) -> Double {
        var counts = [Double](repeating: 0, count: 400)
        for request in make(arrivals).make().requests { counts[Int(request.arrival)] += 1 }
        let mean = counts.reduce(0, +) / 400
        return counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 400 / mean
    }
}
