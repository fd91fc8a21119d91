public import ServingCore

/// Carries out changes of what is in memory; what the gateway's one loader thread calls.
public struct ModelLoader: Sendable {
    private let blocks: ResidentBlocks
    private let clock: @Sendable () -> MonotonicInstant

    /// Makes a loader that tells the time by `clock`.
    public init(blocks: ResidentBlocks, clock: @escaping @Sendable () -> MonotonicInstant) {
        self.blocks = blocks
        self.clock = clock
    }

    /// Carries out `order`; blocks until done.
    ///
    /// Stops at the first failure; what was done until then stays done and is in the report. The room for all loads is
    /// reserved before the first one starts, so that an order that does not fit loads nothing.
    public func carryOut(_ order: ResidencyOrder) -> ResidencyReport {
        var report = attempt(order)
        let isAsGiven = report.failure == nil && report.loads.count == order.loads.count
        if !isAsGiven { report.resident = blocks.residentSizes }
        return report
    }

    private func attempt(_ order: ResidencyOrder) -> ResidencyReport {
        var report = ResidencyReport()
        for id in order.evictions {
            do throws(ServingError) {
                if try blocks.evict(id) { report.evicted.append(id) }
            } catch {
                return report.failed(error, at: id)
            }
        }
        do throws(ServingError) {
            return load(try blocks.reserve(order.loads), into: report)
        } catch {
            return report.failed(error, at: nil)
        }
    }

    private func load(_ reserved: [ParameterBlock], into report: ResidencyReport) -> ResidencyReport {
        var report = report
        for (place, block) in reserved.enumerated() {
            let start = clock()
            do throws(ServingError) {
                let loaded = try blocks.fill(block)
                report.loads.append(ResidencyReport.Load(block: loaded, duration: start.duration(to: clock())))
            } catch {
                for rest in reserved[(place + 1)...] { blocks.abandon(rest) }
                let isTooLarge = error.code == .memoryUnavailable
                return report.failed(error, at: block.id, size: isTooLarge ? blocks.measuredSize(of: block.id) : nil)
            }
        }
        return report
    }
}

extension ResidencyReport {
    fileprivate func failed(_ error: ServingError, at block: BlockID?, size: ByteCount? = nil) -> ResidencyReport {
        var report = self
        report.failure = error
        report.failedBlock = block
        report.failedBlockSize = size
        return report
    }
}
