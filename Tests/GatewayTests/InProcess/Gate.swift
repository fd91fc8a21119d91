import Foundation

/// Something threads wait at while it is closed.
///
/// `@unchecked Sendable` because `isOpen` is only touched with `condition` locked.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var isOpen = true

    func set(isOpen: Bool) {
        condition.withLock { self.isOpen = isOpen }
        condition.broadcast()
    }

    func pass() {
        condition.lock()
        defer { condition.unlock() }
        while !isOpen { condition.wait() }
    }
}
