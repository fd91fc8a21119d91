internal import ServingCore
private import Synchronization

/// Which inference requests are under way, and what became of the last that ended: what `GET /v1/requests/{id}` tells.
final class RequestJournal: Sendable {
    /// What is known of a request.
    enum Entry: Sendable {
        case underWay(InferenceTicket)
        case ended(RequestRecord)

        /// The holder of the key it came with; nil where there was none.
        var owner: String? {
            switch self {
            case .underWay(let ticket): ticket.owner
            case .ended(let record): record.owner
            }
        }
    }

    private struct State {
        var underWay: [RequestID: InferenceTicket] = [:]
        var ended: RecentRecords
    }

    private let state: Mutex<State>

    /// Keeps `capacity` requests that ended.
    init(capacity: Int) {
        state = Mutex(State(ended: RecentRecords(capacity: capacity)))
    }

    /// A request was admitted. One that another thread has failed meanwhile does not stay.
    func admit(_ ticket: InferenceTicket) {
        state.withLock { $0.underWay[ticket.id] = ticket }
        if ticket.outcome != nil { state.withLock { $0.underWay[ticket.id] = nil } }
    }

    /// A request ended, or was refused at its head.
    func end(_ record: RequestRecord) {
        // What leaves is let go of outside the lock: the last owner of a ticket frees its body.
        let _: InferenceTicket? = state.withLock { state in
            state.ended.add(record)
            return state.underWay.removeValue(forKey: record.id)
        }
    }

    /// What is known of a request; nil for one that never was or is too long ago.
    subscript(id: RequestID) -> Entry? {
        state.withLock { state in
            if let ticket = state.underWay[id] { return .underWay(ticket) }
            return state.ended[id].map(Entry.ended)
        }
    }
}
