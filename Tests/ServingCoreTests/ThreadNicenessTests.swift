import Foundation
import ServingCore
import Synchronization
import Testing

struct ThreadNicenessTests {
    /// What `body` gives on a thread of its own: a thread cannot be made less nice again.
    private func onThread(_ body: @escaping @Sendable () -> [Int]) async -> [Int] {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: body()) }.start()
        }
    }

    @Test func `A thread is made nicer, and no other`() async {
        let before = ThreadNiceness.current
        let seen = await onThread {
            let start = ThreadNiceness.current
            ThreadNiceness.raise(by: 3)
            return [start, ThreadNiceness.current]
        }
        #expect(seen == [before, min(before + 3, 19)])
        #expect(ThreadNiceness.current == before)
    }

    @Test(arguments: [(0, 0), (-5, 0), (100, 19)])
    func `Nothing makes a thread less nice, nor nicer than there is`(steps: Int, atLeast: Int) async {
        let seen = await onThread {
            let start = ThreadNiceness.current
            ThreadNiceness.raise(by: steps)
            return [start, ThreadNiceness.current]
        }
        #expect(seen[1] == (steps > 0 ? 19 : seen[0]))
        #expect(seen[1] >= atLeast)
    }
}
