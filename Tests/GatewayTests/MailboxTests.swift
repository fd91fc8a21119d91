import Foundation
import Synchronization
import Testing

@testable import Gateway

struct MailboxTests {
    @Test func `A worker does all it was given, in order, before it stops`() {
        let worker = WorkerThread<Int>()
        let done = Collected()
        worker.start(name: "test") { done.append($0) }
        (0..<1000).forEach(worker.mailbox.post)
        worker.stop()
        #expect(done.items == Array(0..<1000))
    }

    @Test func `What is posted after the end is dropped`() {
        let mailbox = Mailbox<Int>()
        mailbox.post(1)
        mailbox.close()
        mailbox.post(2)
        #expect(mailbox.takeAll() == [1])
        #expect(mailbox.takeAll() == nil)
    }
}

/// What another thread has written down.
final class Collected: Sendable {
    private let all = Mutex<[Int]>([])

    var items: [Int] { all.withLock { $0 } }

    func append(_ item: Int) {
        all.withLock { $0.append(item) }
    }
}
