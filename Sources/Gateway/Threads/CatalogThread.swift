private import Dispatch
private import Foundation
internal import ServingCore

/// The one thread that reads the store anew, so that no thread that serves requests waits for files or for another process.
final class CatalogThread: Sendable {
    /// Called once with what went wrong, or nil when all is served that the store held when it was read.
    typealias Answer = @Sendable (ServingError?) -> Void

    private let mailbox = Mailbox<Answer>()
    private let done = DispatchSemaphore(value: 0)

    /// Starts the thread; `read` reads the store once for everybody who asked before it began.
    func start(read: @escaping @Sendable () -> ServingError?) {
        let thread = Thread { [mailbox, done] in
            while let waiting = mailbox.takeAll() {
                let error = read()
                for answer in waiting { answer(error) }
            }
            done.signal()
        }
        thread.start()
        // Foundation tells the kernel only the name of a thread that runs.
        thread.name = "catalog"
    }

    /// Asks for a reading that begins from now on; `answer` is called on the thread.
    func reload(_ answer: @escaping Answer) { mailbox.post(answer) }

    /// Ends the thread after what it is at, and waits for it for two seconds at most: a disk may never answer.
    func stop() {
        mailbox.close()
        _ = done.wait(timeout: .now() + .seconds(2))
    }
}
