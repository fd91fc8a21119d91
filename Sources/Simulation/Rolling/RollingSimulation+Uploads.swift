import Dispatching
import ServingCore

/// Uploads: they progress at rates that change.
extension RollingSimulation {
    mutating func beginUpload(_ id: RequestID, _ grant: Grant) {
        let arrival = arrival(of: id)
        join(id, deviceOf: arrival)
        var upload = SimulatedUpload(
            device: arrival.device,
            efficiency: efficiency(of: arrival),
            bits: Double(arrival.bytes) * 8,
            buffers: settings.buffers,
            granted: grant.rate,
            link: link(of: arrival),
            at: now
        )
        expectEnd(of: id, &upload)
        uploads[id] = upload
        if let interval = settings.reportInterval, !isReporting {
            isReporting = true
            schedule(.report, at: now + interval)
        }
    }

    mutating func setRate(of id: RequestID, to rate: BitsPerSecond?) {
        guard var upload = uploads[id] else { return }
        upload.setGranted(rate, at: now)
        expectEnd(of: id, &upload)
        uploads[id] = upload
    }

    /// An upload may be complete: says so, or looks again when it will be. One that got slower was looked at too early.
    mutating func progress(_ id: RequestID) -> DispatchEvent? {
        guard var upload = uploads[id], upload.due <= now else { return nil }
        upload.due = .infinity
        // A nanosecond is what the dispatcher's clock shows.
        guard upload.end > now + 1e-9 else {
            uploads[id] = nil
            leave(id, device: upload.device)
            outcome.uplinkWork += upload.bits / upload.efficiency
            guard settings.overhead > 0 else { return .uploadFinished(id) }
            schedule(.dispatch(.uploadFinished(id)), at: now + settings.overhead / 2)
            return nil
        }
        expectEnd(of: id, &upload)
        uploads[id] = upload
        return nil
    }

    mutating func fail(_ id: RequestID) {
        outcome.failed += 1
        guard var upload = uploads.removeValue(forKey: id) else { return }
        outcome.failedUploading += 1
        leave(id, device: upload.device)
        upload.settle(at: now)
        outcome.uplinkWork += (upload.bits - upload.left) / upload.efficiency
    }

    mutating func changeLinks(_ change: LinkChange) {
        linkFactors.append(change)
        for id in uploads.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            settleLink(of: id)
        }
    }

    private mutating func settleLink(of id: RequestID) {
        guard var upload = uploads[id] else { return }
        upload.setLink(link(of: arrival(of: id)), at: now)
        expectEnd(of: id, &upload)
        uploads[id] = upload
    }

    /// How far all uploads are, as the server's monitor sees them.
    mutating func report() -> DispatchEvent? {
        isReporting = !uploads.isEmpty
        guard isReporting, let interval = settings.reportInterval else { return nil }
        schedule(.report, at: now + interval)
        return .uploadsProgressed(
            uploads.keys.sorted { $0.rawValue < $1.rawValue }.compactMap { id in
                uploads[id].map { upload in
                    var upload = upload
                    upload.settle(at: now)
                    let bytes = ByteCount(Int(upload.seen / 8))
                    return UploadReport(id: id, receivedBytes: bytes, isHeld: upload.isHeld)
                }
            }
        )
    }

    /// Schedules a look at the end of an upload, where none comes that early.
    private mutating func expectEnd(of id: RequestID, _ upload: inout SimulatedUpload) {
        let end = upload.end
        guard end < upload.due else { return }
        upload.due = end
        schedule(.upload(id), at: max(end, now))
    }

    /// What the last change that concerns a device left of its link.
    private func linkFactor(of device: Int) -> Double {
        let place = Double(device) / Double(max(settings.devices, 1))
        return linkFactors.last { place < $0.devicesPart }?.factor ?? 1
    }

    /// What an upload's link carries now; the uploads under way share it evenly where devices' links are shared.
    private func link(of arrival: RollingArrival) -> Double {
        let rate = arrival.linkRate * linkFactor(of: arrival.device)
        guard settings.sharesDeviceLinks else { return rate }
        return rate / Double(max(underWay[arrival.device]?.count ?? 1, 1))
    }

    private mutating func join(_ id: RequestID, deviceOf arrival: RollingArrival) {
        guard settings.sharesDeviceLinks else { return }
        underWay[arrival.device, default: []].append(id)
        for other in underWay[arrival.device] ?? [] where other != id { settleLink(of: other) }
    }

    private mutating func leave(_ id: RequestID, device: Int) {
        guard settings.sharesDeviceLinks else { return }
        underWay[device]?.removeAll { $0 == id }
        for other in underWay[device] ?? [] { settleLink(of: other) }
    }

    private func efficiency(of arrival: RollingArrival) -> Double {
        guard case .bandwidth(_, let configured) = settings.configuration.uplink else { return 1 }
        return arrival.efficiency ?? configured.rawValue
    }
}
