internal import ServingCore

/// The last so many records, the oldest given up for the newest.
struct RecentRecords: Sendable {
    private let capacity: Int
    /// Ids beside the records, so that a search reads little memory.
    private var ids: [RequestID] = []
    private var records: [RequestRecord] = []
    private var next = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    var count: Int { records.count }

    /// Takes a record in. O(1).
    mutating func add(_ record: RequestRecord) {
        if records.count < capacity {
            ids.append(record.id)
            records.append(record)
        } else {
            ids[next] = record.id
            records[next] = record
        }
        next = (next + 1) % capacity
    }

    /// The record of a request; nil where it is given up or never was. O(capacity): people ask for it, requests do not.
    subscript(id: RequestID) -> RequestRecord? {
        ids.firstIndex(of: id).map { records[$0] }
    }
}
