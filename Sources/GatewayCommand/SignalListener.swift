import Dispatch
import Foundation

/// Calls a function when one of some signals comes, on a queue of its own; the signals lose their usual effect.
///
/// `@unchecked Sendable` because the sources are made in `init`, never change, and may be cancelled from any thread.
final class SignalListener: @unchecked Sendable {
    private let sources: [any DispatchSourceSignal]

    init(_ signals: [Int32], _ handle: @escaping @Sendable (Int32) -> Void) {
        let queue = DispatchQueue(label: "signals")
        sources = signals.map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { handle(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
