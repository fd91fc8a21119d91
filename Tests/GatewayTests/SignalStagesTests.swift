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

    @Test func `Other signals change nothing`() {
        var stages = SignalStages()
        stages.served()
        for signal in [SIGHUP, SIGUSR1, SIGUSR2] { #expect(stages.received(signal) == .ignore) }
        #expect(stages.received(SIGTERM) == .drain)
        #expect(stages.received(SIGHUP) == .ignore)
    }
}
