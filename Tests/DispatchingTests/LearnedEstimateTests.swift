import TestSupport
import Testing

@testable import Dispatching

/// What is learned of loads and batches, and how soon.
struct LearnedEstimateTests {
    private static let megabyte = 1_000_000

    /// Estimates of blocks that were measured at 10 ms each.
    private func loads(_ count: Int) -> LoadEstimates {
        var loads = LoadEstimates(EstimateConfiguration())
        for _ in 0..<count { loads.append(bytes: Self.megabyte, measured: 0.01) }
        return loads
    }

    @Test(arguments: [0.5, 2, 3])
    func `a disk that becomes faster or slower is followed within ten loads, also for blocks not loaded since`(
        factor: Double
    ) {
        var loads = loads(20)
        for block in 0..<10 {
            loads.observe([(block, Self.megabyte, 0.01 * factor)], overlap: 0, wasBeside: false)
        }
        #expect(abs(loads.quietSeconds(of: 9) / (0.01 * factor) - 1) < 0.2)
        #expect(abs(loads.quietSeconds(of: 19) / (0.01 * factor) - 1) < 0.3)
    }

    @Test func `blocks of as many bytes share what is learned, unless they were measured to be different`() {
        var loads = loads(2)
        loads.append(bytes: Self.megabyte, measured: 0.05)
        loads.append(bytes: Self.megabyte)
        #expect(loads.alike(0) == [0, 1, 3])
        for _ in 0..<30 { loads.observe([(0, Self.megabyte, 0.02)], overlap: 0, wasBeside: false) }
        #expect(loads.quietSeconds(of: 1) == loads.quietSeconds(of: 0))
        #expect(loads.quietSeconds(of: 3) == loads.quietSeconds(of: 0))
        #expect(loads.quietSeconds(of: 2) > 2 * loads.quietSeconds(of: 0))
    }

    @Test func `what was measured of alike blocks is averaged`() {
        var loads = LoadEstimates(EstimateConfiguration())
        for seconds in [0.01, 0.014, 0.012] { loads.append(bytes: Self.megabyte, measured: seconds) }
        #expect(abs(loads.quietSeconds(of: 0) - 0.012) < 1e-9)
    }

    @Test func `models of one shape share what is learned, unless they were measured to be different`() {
        var computes = ComputeEstimates(EstimateConfiguration())
        for (base, shape) in [(0.004, [1, 2]), (0.005, [1, 2]), (0.02, [1, 2]), (0.004, [2, 1])] {
            computes.append(ComputeEstimate(base: base, item: 0.002, isMeasured: true), shape: shape)
        }
        computes.append(ComputeEstimate(base: 0.1, item: 0.1, isMeasured: false), shape: [1, 2])
        #expect(computes.alike(0) == [0, 1, 4])
        #expect(abs(computes[4].base - 0.0045) < 1e-9)
        #expect(computes.alike(2) == [2])
        #expect(computes.alike(3) == [3])
    }

    @Test func `a block that was never loaded is taken at its first word`() {
        var loads = LoadEstimates(EstimateConfiguration())
        loads.append(bytes: Self.megabyte)
        loads.observe([(0, Self.megabyte, 0.05)], overlap: 0, wasBeside: false)
        #expect(abs(loads.quietSeconds(of: 0) - 0.05) < 1e-9)
    }

    @Test func `the whole order's time is shared out as its blocks took it`() {
        var loads = loads(1)
        loads.append(bytes: 2 * Self.megabyte, measured: 0.01)
        for _ in 0..<30 {
            loads.observe([(0, Self.megabyte, 0.02), (1, 2 * Self.megabyte, 0.005)], overlap: 0, wasBeside: false)
        }
        #expect(abs(loads.quietSeconds(of: 0) - 0.02) < 0.002)
        #expect(abs(loads.quietSeconds(of: 1) - 0.005) < 0.0005)
    }

    private func computes() -> ComputeEstimates {
        var computes = ComputeEstimates(EstimateConfiguration())
        for model in 0..<4 {
            computes.append(ComputeEstimate(base: 0.004, item: 0.002, isMeasured: true), shape: [model])
        }
        return computes
    }

    @Test func `a core taken away is followed within ten batches, also by models that did not run since`() {
        var computes = computes()
        for index in 0..<10 {
            let requests = 1 + index % 4
            let seconds = 2 * (0.004 + 0.002 * Double(requests))
            let sample = CostModel.BatchSample(
                model: index % 3,
                runs: 1,
                requests: requests,
                seconds: seconds,
                overlap: 0,
                wasBeside: false
            )
            computes.observe(sample, at: Double(index))
        }
        for (model, tolerance) in [(0, 0.2), (3, 0.35)] {
            let seconds = computes.seconds(of: model, runs: 1, requests: 2, isBeside: false, busyPart: 0)
            #expect(abs(seconds / 0.016 - 1) < tolerance, "\(model): \(seconds)")
        }
    }

    @Test func `what a batch takes longer beside a load is told apart from what it takes`() {
        var computes = computes()
        for index in 0..<200 {
            let isBeside = index % 2 == 0
            let seconds = 0.008 * (isBeside ? 1.6 : 1)
            let sample = CostModel.BatchSample(
                model: index / 2 % 4,
                runs: 1,
                requests: 2,
                seconds: seconds,
                overlap: isBeside ? 1 : 0,
                wasBeside: isBeside
            )
            computes.observe(sample, at: Double(index))
        }
        let alone = computes.seconds(of: 0, runs: 1, requests: 2, isBeside: false, busyPart: 0)
        let beside = computes.seconds(of: 0, runs: 1, requests: 2, isBeside: true, busyPart: 0)
        #expect(abs(alone / 0.008 - 1) < 0.05)
        #expect(abs(beside / 0.0128 - 1) < 0.05)
    }

    @Test(arguments: [0.1, 0.9, 3])
    func `what a batch takes longer beside other lanes is told apart from what it takes`(cost: Double) {
        var computes = computes()
        for index in 0..<400 {
            // The other lane is busy not at all, for half of the batch, or all the time.
            let part = Double(index % 3) / 2
            let sample = CostModel.BatchSample(
                model: index / 3 % 4,
                runs: 1,
                requests: 2,
                seconds: 0.008 * (1 + cost * part),
                overlap: 0,
                wasBeside: false,
                busyPart: part,
                busyPartAtStart: part > 0 ? 1 : 0
            )
            computes.observe(sample, at: Double(index))
        }
        for (part, expected) in [(0.0, 0.008), (1.0, 0.008 * (1 + cost))] {
            let seconds = computes.seconds(of: 0, runs: 1, requests: 2, isBeside: false, busyPart: part)
            #expect(abs(seconds / expected - 1) < 0.05, "\(part): \(seconds)")
        }
    }

    @Test func `the margin is what nine in ten stayed below`() {
        var margin = QuantileMargin()
        #expect(margin.factor == 1.3)
        for index in 0..<40 { margin.observe(ratio: index % 10 == 0 ? 2 : 1.2, quantile: 0.9) }
        #expect(margin.factor == 1.2)
        for _ in 0..<40 { margin.observe(ratio: 0.5, quantile: 0.9) }
        #expect(margin.factor == 1.15)
        for _ in 0..<10 { margin.observe(ratio: 9, quantile: 0.9) }
        #expect(margin.factor == 3)
    }

    @Test func `busy time is counted once, and up to now`() {
        var busy = BusyTime()
        busy.start(at: 1)
        busy.start(at: 2)
        #expect(busy.seconds(at: 3) == 2)
        busy.stop(at: 3)
        busy.stop(at: 9)
        #expect(busy.seconds(at: 10) == 2)
    }
}
