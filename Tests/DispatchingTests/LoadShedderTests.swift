import ServingCore
import TestSupport
import Testing

@testable import Dispatching

struct LoadShedderTests {
    /// A shedder that was offered `times` as much as can be done, by requests that each cost `cost` seconds.
    private static func shedder(
        times: Double,
        cost: Double = 1e-3,
        loadSpacing: Double = 4,
        turnsAway: Bool = true
    ) -> LoadShedder {
        var shedder = LoadShedder(fairPart: 0.02, loadSpacing: loadSpacing)
        for index in 0..<5000 {
            let now = Double(index) * 1e-3
            shedder.begin(item: times * 1e-3, cost: cost, at: now)
            if turnsAway { shedder.noteRefusal(.deadlineUnreachable, within: 0.2, hadRoom: false, at: now) }
        }
        return shedder
    }

    @Test
    func `there is no overload until more is asked for than can be done, and a request was refused for want of time`() {
        #expect(!Self.shedder(times: 0.9).isOver(within: 0, at: 5))
        #expect(!Self.shedder(times: 3, turnsAway: false).isOver(within: 0.1, at: 5))
        let shedder = Self.shedder(times: 3)
        #expect(shedder.isOver(within: 0.1, at: 5) && shedder.isOver(within: 0.4, at: 5))
        #expect(!shedder.isOver(within: 0.41, at: 5))
        #expect(!shedder.isOver(within: 0.1, at: 60))
    }

    @Test func `a refusal for another reason than time, or of what had room, starts no overload`() {
        for (code, hadRoom) in [(ServingError.Code.memoryUnavailable, false), (.deadlineUnreachable, true)] {
            var shedder = Self.shedder(times: 3, turnsAway: false)
            shedder.noteRefusal(code, within: 0.2, hadRoom: hadRoom, at: 5)
            #expect(!shedder.isOver(within: 0.1, at: 5))
        }
    }

    @Test func `what costs more than others who fill the executor is refused, but not while that has no work`() {
        var shedder = Self.shedder(times: 3, cost: 3e-3)
        shedder.begin(item: 1e-3, cost: 0.05, at: 5)
        shedder.noteAdmission(at: 5)
        shedder.begin(item: 1e-3, cost: 0.05, at: 5)
        #expect(shedder.costRefusal(hasWork: true)?.code == .queueFull)
        #expect(shedder.costRefusal(hasWork: false) == nil)
        shedder.begin(item: 1e-3, cost: 1e-4, at: 5)
        #expect(shedder.costRefusal(hasWork: true) == nil)
        shedder.begin(item: 1e-3, cost: nil, at: 5)
        #expect(shedder.costRefusal(hasWork: true) == nil)
    }

    @Test func `batches that need a load are opened one after the other, the further apart the more is asked for`()
        throws
    {
        var shedder = Self.shedder(times: 3)
        let first = shedder.loadRefusal(taking: 0.01, at: 5)
        #expect(first == nil)
        shedder.noteAdmission(at: 5)
        let second = shedder.loadRefusal(taking: 0.01, at: 5.01)
        let wait = try #require(second?.retryAfter).inSeconds
        #expect(abs(wait - 0.07) < 0.01)
        let third = shedder.loadRefusal(taking: 0.01, at: 5.2)
        #expect(third == nil)
        #expect(!Self.shedder(times: 3, loadSpacing: 0).spacesLoads)
    }

    @Test func `the more is asked for, the more plans leave free, and nothing of it when all is quiet`() {
        var calm = Self.shedder(times: 0.5)
        var crowded = Self.shedder(times: 5)
        for _ in 0..<500 {
            calm.notePromiseKept(at: 5)
            crowded.notePromiseKept(at: 5)
        }
        #expect(calm.caution(at: 5) == 1)
        #expect(crowded.caution(at: 5) == 1.3)
        #expect(crowded.caution(at: 100) == 1)
        for _ in 0..<30 { calm.notePromiseBroken(at: 5) }
        #expect(calm.caution(at: 5) > 1.5 && calm.caution(at: 15) < 1.4)
    }

    @Test(arguments: UInt64(0)..<12)
    func `a request is refused only where it displaces another, and the cheapest never for its cost`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var shedder = LoadShedder(fairPart: .random(in: 0...0.2, using: &random), loadSpacing: 2)
        let most = Double.random(in: 1e-4...1e-2, using: &random)
        var now = 0.0
        for _ in 0..<600 {
            now += .random(in: 0...4e-3, using: &random)
            let cost = Double.random(in: 1e-5...most, using: &random)
            let isServable = Double.random(in: 0..<1, using: &random) < 0.9
            shedder.begin(item: cost / 2, cost: isServable ? cost : nil, at: now)
            #expect((1...1.6).contains(shedder.caution(at: now)), "seed \(seed)")
            #expect(isServable || shedder.costRefusal(hasWork: true) == nil, "seed \(seed)")
            let window = Double.random(in: 0...1, using: &random)
            let isOver = shedder.isOver(within: window, at: now)
            if isOver { #expect(shedder.isOver(within: window / 2, at: now), "seed \(seed)") }
            if isOver, shedder.costRefusal(hasWork: true) != nil { continue }
            if Bool.random(using: &random) {
                shedder.noteAdmission(at: now)
            } else {
                shedder.noteRefusal(.deadlineUnreachable, within: window, hadRoom: false, at: now)
            }
            var cheapest = shedder
            cheapest.begin(item: 1e-7, cost: 1e-7, at: now)
            #expect(cheapest.costRefusal(hasWork: true) == nil, "seed \(seed)")
        }
    }
}
