import ServingCore
import Synchronization

/// Every open connection, by its id.
final class ConnectionTable: Sendable {
    private let connections = Mutex<[UInt64: HTTPConnection]>([:])

    /// Adds `connection`; true where it is the only one.
    func insert(_ connection: HTTPConnection) -> Bool {
        connections.withLock {
            $0[connection.id] = connection
            return $0.count == 1
        }
    }

    /// Forgets `connection`.
    func remove(_ connection: HTTPConnection) {
        connections.withLock { _ = $0.removeValue(forKey: connection.id) }
    }

    /// The connection called `id`, while it is open.
    subscript(id: UInt64) -> HTTPConnection? {
        connections.withLock { $0[id] }
    }

    /// All of them now.
    /// - Complexity: O(number of connections).
    var all: [HTTPConnection] {
        connections.withLock { Array($0.values) }
    }

    /// The connection that has waited longest for a head, and since before `limit`.
    /// - Complexity: O(number of connections).
    func longestWaiting(since limit: MonotonicInstant) -> HTTPConnection? {
        var longest: (connection: HTTPConnection, since: MonotonicInstant)?
        for connection in all {
            guard let since = connection.waitingSince, since < longest?.since ?? limit else { continue }
            longest = (connection, since)
        }
        return longest?.connection
    }

    /// Whether there is none.
    var isEmpty: Bool { connections.withLock { $0.isEmpty } }
}
