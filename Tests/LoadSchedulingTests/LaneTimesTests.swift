import LoadScheduling
import Testing

struct LaneTimesTests {
    private func lanes(_ times: [Double]) -> LaneTimes {
        var lanes = LaneTimes(times.count)
        for (lane, time) in times.enumerated() { lanes[lane] = time }
        return lanes
    }

    @Test(arguments: [
        ([3.0], 1.0, 0), ([3, 2, 5], 1, 1), ([3, 2, 5], 4, 0), ([3, 2, 5], 9, 2), ([2, 2], 2, 0), ([4, 4], 1, 0),
    ])
    func `a batch gets the lane that is free last before it is ready, else the first that becomes free`(
        times: [Double],
        ready: Double,
        lane: Int
    ) {
        #expect(lanes(times).lane(readyAt: ready) == lane)
    }

    @Test func `the part of other lanes that is busy leaves out the lane itself`() {
        let lanes = lanes([9, 1, 5, 5])
        #expect(lanes.busyPart(at: 2, beside: 0) == 2.0 / 3)
        #expect(lanes.busyPart(at: 2, beside: 1) == 1)
        #expect(lanes.busyPart(at: 5, beside: 1) == 1.0 / 3)
        #expect(LaneTimes(1, freeAt: 9).busyPart(at: 2, beside: 0) == 0)
    }

    @Test func `first and last are told, and no lane is free before the time it is brought to`() {
        var lanes = lanes([3, 1, 2])
        #expect(lanes.earliest == 1 && lanes.latest == 3)
        lanes.advance(to: 2.5)
        #expect((0..<3).map { lanes[$0] } == [3, 2.5, 2.5])
        lanes.free(at: 7)
        #expect((0..<3).map { lanes[$0] } == [7, 7, 7])
        lanes = self.lanes([3, 2.5, 2.5])
        lanes.resize(to: 4)
        #expect(lanes.count == 4 && lanes[3] == 2.5)
        lanes.resize(to: 0)
        #expect(lanes.count == 1 && lanes[0] == 3)
    }
}
