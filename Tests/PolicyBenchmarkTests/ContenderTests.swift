import Testing

@testable import PolicyBenchmark

struct ContenderTests {
    @Test(arguments: ["partial", "whole", "lru", "edf"])
    func `a policy plays as it is`(name: String) {
        let contender = Contender(name)
        #expect(contender.policy == name)
        #expect(contender.keys == [])
    }

    @Test func `lru as configured by default runs what has expired, and has a row of its own`() {
        let contender = Contender("lru-default")
        #expect(contender.policy == "lru")
        #expect(contender.keys == ["scheduling.run_expired=true"])
        #expect(contender.name == "lru-default")
    }
}
