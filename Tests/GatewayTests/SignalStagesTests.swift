import Foundation
import Testing

@testable import Gateway

struct SignalStagesTests {
    @Test func `The first request to end drains, the second hurries, the third ends the process`() {
        var stages = SignalStages()
        stages.served()
        #expect([SIGTERM, SIGINT, SIGTERM].map { stages.received($0) } == [.drain, .hurry, .exit(1)])
    }

    @Test func `A gateway that is starting has nothing to drain`() {
        var stages = SignalStages()
        #expect(stages.received(SIGINT) == .exit(0))
    }

    @Test func `A gateway that serves reads everything again on SIGHUP`() {
        var stages = SignalStages()
        #expect(stages.received(SIGHUP) == .ignore)
        stages.served()
        #expect(stages.received(SIGHUP) == .reload)
        #expect(stages.received(SIGHUP) == .reload)
    }

    @Test func `Other signals change nothing`() {
        var stages = SignalStages()
        stages.served()
        for signal in [SIGUSR1, SIGUSR2] { #expect(stages.received(signal) == .ignore) }
        #expect(stages.received(SIGTERM) == .drain)
        #expect(stages.received(SIGHUP) == .ignore)
    }
}
