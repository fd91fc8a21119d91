internal import Foundation
private import ServingCore

/// One named thread that works through a mailbox until the mailbox is closed.
final class WorkerThread<Item: Sendable>: Sendable {
    /// Where its work comes in.
    let mailbox = Mailbox<Item>()
    private let done = DispatchSemaphore(value: 0)

    /// Starts the thread; `work` runs on it, one item at a time. It gives way to threads that are less nice than it is.
    func start(name: String, niceness: Int = 0, work: @escaping @Sendable (Item) -> Void) {
        let thread = Thread { [mailbox, done] in
            ThreadNiceness.raise(by: niceness)
            while let items = mailbox.takeAll() {
                items.forEach(work)
            }
            done.signal()
        }
        thread.start()
        // Foundation tells the kernel only the name of a thread that runs.
        thread.name = name
    }

    /// Closes the mailbox and waits until the thread has finished what was in it.
    func stop() {
        mailbox.close()
        done.wait()
    }

    /// The same, but waits no longer than until `time`; says whether the thread is done.
    func stop(by time: DispatchTime) -> Bool {
        mailbox.close()
        return done.wait(timeout: time) == .success
    }
}
