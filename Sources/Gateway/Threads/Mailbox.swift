private import Foundation

/// A queue many threads put work into and one thread takes it from.
///
/// `@unchecked Sendable` because `items` and `isClosed` are only touched with `condition` locked.
final class Mailbox<Item: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var items: [Item] = []
    private var isClosed = false

    /// Puts an item at the end; after ``close()`` it is dropped.
    func post(_ item: Item) {
        condition.lock()
        if !isClosed { items.append(item) }
        condition.signal()
        condition.unlock()
    }

    /// Waits for items and takes all of them, in order; nil once the box is closed and empty.
    func takeAll() -> [Item]? {
        condition.lock()
        defer { condition.unlock() }
        while items.isEmpty && !isClosed { condition.wait() }
        guard !items.isEmpty else { return nil }
        defer { items.removeAll(keepingCapacity: true) }
        return items
    }

    /// Lets the taking thread finish what is there and end.
    func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
