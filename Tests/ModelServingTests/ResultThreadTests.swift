import ModelServing
import ServingCore
import Testing

struct ResultThreadTests {
    @Test func `the work is as nice as was asked for, and whoever waits is not`() throws {
        let before = ThreadNiceness.current
        let thread = ResultThread(niceness: 3) { () throws(ServingError) in ThreadNiceness.current }
        #expect(try thread.value() == min(before + 3, 19))
        #expect(ThreadNiceness.current == before)
    }

    @Test func `what the work throws is thrown to whoever waits`() {
        let thread = ResultThread<Int>(niceness: 0) { () throws(ServingError) in
            throw ServingError(.engineFailed, "it broke")
        }
        let error = #expect(throws: ServingError.self) { try thread.value() }
        #expect(error?.code == .engineFailed)
    }
}
