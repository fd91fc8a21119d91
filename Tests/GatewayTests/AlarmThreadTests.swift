import Dispatch
import ServingCore
import Testing

@testable import Gateway

struct AlarmThreadTests {
    @Test func `The alarm rings for the earliest time asked for, however far the others are`() {
        let alarm = AlarmThread()
        let rung = DispatchSemaphore(value: 0)
        alarm.start(name: "test") { rung.signal() }
        alarm.ring(at: SystemMonotonicClock.now().advanced(by: .seconds(3600)))
        alarm.ring(at: SystemMonotonicClock.now())
        #expect(rung.wait(timeout: .now() + 60) == .success)
        alarm.stop()
    }

    @Test func `The times are those of the clock it was given`() {
        // By this clock it is always an hour later than by the system's.
        let alarm = AlarmThread { SystemMonotonicClock.now().advanced(by: .seconds(3600)) }
        let rung = DispatchSemaphore(value: 0)
        alarm.start(name: "test") { rung.signal() }
        alarm.ring(at: SystemMonotonicClock.now().advanced(by: .seconds(1800)))
        #expect(rung.wait(timeout: .now() + 60) == .success)
        alarm.stop()
    }

    @Test func `An alarm that nobody asked for ends all the same`() {
        let alarm = AlarmThread()
        alarm.start(name: "test") { Issue.record("nobody asked for a ring") }
        alarm.ring(at: .distantFuture)
        alarm.stop()
    }
}
