import Dispatching
public import ServingCore
public import TraceReplay

/// A trace as the simulator takes it: the same requests `gateway replay` sends.
public struct TraceArrivals: Sendable {
    /// The requests, in order.
    public private(set) var arrivals: [RollingArrival] = []
    /// How many devices send.
    public var deviceCount: Int { devices.count }

    private var devices: [String: Int] = [:]
    private var links: [Int: Double] = [:]
    private var versions: [String: [Int: Int]] = [:]

    /// What a device's link carries where the trace does not say: as good as unlimited, in bit/s.
    private static let unlimited = 1e12

    /// Looks the models of `trace` up in `calibration`; without a version the newest is asked for.
    ///
    /// Throws `unknownModel` naming the line's model where it is not there, `invalidField` for a body from a file.
    /// - Complexity: O(requests + models).
    public init(_ trace: Trace, models calibration: CalibrationFile) throws(ServingError) {
        for (index, model) in calibration.models.enumerated() {
            versions[model.entry.id.name, default: [:]][model.entry.id.version] = index
        }
        arrivals.reserveCapacity(trace.requests.count)
        for request in trace.requests {
            guard request.bodyFile == nil else {
                throw ServingError(.invalidField, "a simulation knows bytes only", field: "body_file")
            }
            let model = try model(request)
            let device = device(request)
            arrivals.append(
                RollingArrival(
                    time: request.arrival,
                    model: model,
                    bytes: max(request.bodyBytes ?? 0, calibration.models[model].bodyBytes),
                    timeout: Double(request.timeout) / 1000,
                    device: device,
                    efficiency: request.spectralEfficiency,
                    linkRate: links[device] ?? Self.unlimited
                )
            )
        }
    }

    private func model(_ request: TraceRequest) throws(ServingError) -> Int {
        let known = versions[request.model] ?? [:]
        guard let version = request.version ?? known.keys.max(), let index = known[version] else {
            throw ServingError(.unknownModel, "the calibration has no model '\(request.model)'", field: "model")
        }
        return index
    }

    /// The device's number; the first of its requests that says what its link carries says it for the rest, too.
    private mutating func device(_ request: TraceRequest) -> Int {
        let number = devices[request.device] ?? devices.count
        devices[request.device] = number
        if links[number] == nil, let rate = request.linkRate { links[number] = rate }
        return number
    }
}
