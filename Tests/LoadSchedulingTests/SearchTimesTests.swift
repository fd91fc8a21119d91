import ServingCore
import TestSupport
import Testing

@testable import LoadScheduling

struct SearchTimesTests {
    /// A problem with no paced uploads, and a plan of batches in any order.
    private static func make(seed: UInt64, mode: Int, memory: Double) -> (SearchInstance, SearchPlan) {
        var random = SeededGenerator(seed: seed)
        var shape = ProblemMaker.Shape(requests: 30, families: 3, variants: 3)
        (shape.reuse, shape.overlap) = ProblemMaker.modes[mode]
        shape.shares = ProblemMaker.shares(seed)
        shape.memoryFactor = memory
        var problem = ProblemMaker.problem(shape, seed: seed)
        for index in problem.requests.indices {
            problem.requests[index].deadline += 1
            if index % 4 == 0 { problem.requests[index].uploadEnd = 0.02 }
        }
        let instance = SearchInstance(problem)
        var plan = SearchPlan(instance)
        for index in problem.requests.indices.shuffled(using: &random).prefix(12) {
            let slot = instance.slots[problem.requests[index].model]
            plan.insert([index], slot: slot, at: plan.batches.count, problem)
        }
        return (instance, plan)
    }

    private static func expectEqual(_ times: SearchTimes, _ exact: SearchTimes, _ comment: Comment) {
        for index in exact.start.indices {
            #expect(abs(times.start[index] - exact.start[index]) < 1e-9, comment)
            #expect(abs(times.finish[index] - exact.finish[index]) < 1e-9, comment)
            #expect(abs(times.latest[index] - exact.latest[index]) < 1e-9, comment)
            #expect(abs(times.load[index] - exact.load[index]) < 1e-9, comment)
        }
        #expect(times.start.count == exact.start.count && times.isInTime == exact.isInTime, comment)
        #expect(abs(times.share - exact.share) <= 1e-9 * exact.share, comment)
    }

    /// The timeline's own answer, without what uploads add to the starts.
    private static func exact(_ plan: SearchPlan, _ instance: SearchInstance) -> SearchTimes {
        var times = SearchTimes()
        times.askTimeline(plan, instance)
        times.sumShares(plan, instance)
        return times
    }

    @Test(arguments: UInt64(0)..<20)
    func `in the paper's case they are the timeline's`(seed: UInt64) {
        let (instance, plan) = Self.make(seed: seed, mode: 0, memory: 1.2)
        var times = SearchTimes()
        times.compute(plan, instance)
        Self.expectEqual(times, Self.exact(plan, instance), "seed \(seed)")
        let timeline = Self.exact(plan, instance)
        #expect(times.loadedBytes(plan, instance) == timeline.loadBytes.reduce(0, +))
    }

    @Test(arguments: UInt64(0)..<20, [1.0, 1.7, 2.5, 9])
    func `with overlap and consecutive reuse a draft is exact`(seed: UInt64, memory: Double) {
        let (instance, plan) = Self.make(seed: seed, mode: 1, memory: memory)
        var times = SearchTimes()
        times.compute(plan, instance, exact: false)
        Self.expectEqual(times, Self.exact(plan, instance), "seed \(seed)")
    }

    @Test(arguments: UInt64(0)..<20, 2..<4)
    func `with retained reuse a draft is exact where nothing need be evicted`(seed: UInt64, mode: Int) {
        let (instance, plan) = Self.make(seed: seed, mode: mode, memory: 9)
        var times = SearchTimes()
        times.compute(plan, instance, exact: false)
        Self.expectEqual(times, Self.exact(plan, instance), "seed \(seed)")
    }
}
