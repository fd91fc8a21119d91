/// What went on at the same time: loads beside batches, batches beside loads and beside those of other lanes.
extension Accelerator {
    /// The part of an ended load during which the executor was at work.
    func overlap(of load: LoadInFlight) -> Double {
        Self.part(executorTime.seconds(at: now) - load.executorSeconds, of: now - load.start)
    }

    /// The part of the other lanes that is busy for a batch that starts now; 0 where there is one lane.
    var busyPart: Double { lanes > 1 ? Double(running.count) / Double(lanes - 1) : 0 }

    /// The part of the other lanes that was busy during an ended batch, on average over its time; 0 where there is one lane.
    func busyPart(during batch: RunningBatch) -> Double {
        let seconds = now - batch.start
        guard lanes > 1, seconds > 0 else { return 0 }
        return Self.part(laneUse.seconds(at: now) - batch.laneSeconds - seconds, of: seconds * Double(lanes - 1))
    }

    /// The part of an ended batch during which the loader was at work.
    func overlap(of batch: RunningBatch) -> Double {
        Self.part(loaderTime.seconds(at: now) - batch.loaderSeconds, of: now - batch.start)
    }

    private static func part(_ seconds: Double, of whole: Double) -> Double {
        whole > 0 ? min(max(seconds / whole, 0), 1) : 0
    }
}
