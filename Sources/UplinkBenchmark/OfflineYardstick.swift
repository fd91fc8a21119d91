/// What somebody who knew all requests beforehand, and had the link without loss, could serve in time.
///
/// Serving a request is taken as sending its body, to its last byte, between its arrival and its deadline, at no cost else; the
/// link may change to another body at any moment. A set can be served exactly when the earliest deadline first serves it.
struct OfflineYardstick {
    /// How many requests there are.
    let requests: Int
    /// So many are served by taking them in from the smallest body on, each that still fits: what can be done.
    let atLeast: Int
    /// So many of the smallest bodies fit through the link from the first arrival to the last deadline, with nothing on it but
    /// full packets: nobody can do more.
    let atMost: Int

    /// The part of a full packet that is body.
    private static let bodyPart = 1448.0 / 1514

    /// - Complexity: O(requests^2 * log(requests)).
    init(_ requests: [DeviceTrace.Request]) {
        let bySize = requests.sorted { ($0.rows, $0.deadline) < ($1.rows, $1.deadline) }
        var served: [DeviceTrace.Request] = []
        for request in bySize where Self.isServable(served + [request], DeviceTrace.bodyRate) { served.append(request) }
        let span = (requests.map { $0.time + $0.deadline }.max() ?? 0) - (requests.map(\.time).min() ?? 0)
        var room = span * Double(DeviceTrace.linkRate) * Self.bodyPart
        let fitting = bySize.prefix {
            room -= Double($0.tensorBytes) * 8
            return room >= 0
        }
        (self.requests, atLeast, atMost) = (requests.count, served.count, fitting.count)
    }

    /// The line that is printed.
    var row: String {
        "  known beforehand: \(atLeast) of \(requests) can be in time, at most \(atMost)"
    }

    /// Whether the earliest deadline first sends all of them in time.
    private static func isServable(_ requests: [DeviceTrace.Request], _ bitsPerSecond: Double) -> Bool {
        let arrivals = requests.sorted { $0.time < $1.time }
        var waiting: [(due: Double, bits: Double)] = []
        var (now, next) = (0.0, 0)
        while next < arrivals.count || !waiting.isEmpty {
            if waiting.isEmpty { now = max(now, arrivals[next].time) }
            while next < arrivals.count, arrivals[next].time <= now {
                let request = arrivals[next]
                waiting.append((request.time + request.deadline, Double(request.tensorBytes) * 8))
                next += 1
            }
            guard let first = waiting.indices.min(by: { waiting[$0].due < waiting[$1].due }) else { continue }
            let until = next < arrivals.count ? arrivals[next].time : .infinity
            let end = now + waiting[first].bits / bitsPerSecond
            if end <= until {
                guard end <= waiting[first].due else { return false }
                waiting.remove(at: first)
                now = end
            } else {
                waiting[first].bits -= (until - now) * bitsPerSecond
                now = until
            }
        }
        return true
    }
}
