private import Dispatch
private import Foundation
public import ServingCore
private import Synchronization

/// A thread that works out one result, as nice as is asked for, which whoever started it waits for.
public final class ResultThread<Value: Sendable>: Sendable {
    private let found = Mutex<Result<Value, ServingError>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// Starts the thread; no thread can be made less nice again, so the work needs one of its own.
    public init(niceness: Int, work: @escaping @Sendable () throws(ServingError) -> Value) {
        let thread = Thread { [self] in
            ThreadNiceness.raise(by: niceness)
            let result = Result { () throws(ServingError) in try work() }
            found.withLock { $0 = result }
            done.signal()
        }
        thread.start()
    }

    /// Waits for the result; called once. Throws what the work throws.
    public func value() throws(ServingError) -> Value {
        done.wait()
        guard let result = found.withLock({ $0 }) else {
            throw ServingError(.internalError, "a thread ended without a result")
        }
        return try result.get()
    }
}
