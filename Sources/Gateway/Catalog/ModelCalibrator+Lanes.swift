internal import Dispatching
internal import Foundation
public import ModelCatalog
internal import ModelServing
internal import ServingCore

extension ModelCalibrator {
    /// Measures how many batches at once serve most, of the store's first models that fit in memory together, and keeps it in the store;
    /// nil where no model was measured, or one processor leaves no choice.
    ///
    /// With `onlyMissing`, what was measured before stands. Takes a quarter of a second for each number of lanes and round. Throws
    /// where a model cannot be loaded or run, or the store cannot be written.
    public func measureLanes(onlyMissing: Bool, rounds: Int = 3) throws -> Calibration.Lanes? {
        guard let key = units.calibrationKey, let served = try servedCatalog() else { return nil }
        var calibration = store.calibration(key: key)
        if onlyMissing, let known = calibration.lanes { return known }
        let counts = Self.laneCounts(processors: ProcessInfo.processInfo.activeProcessorCount)
        guard counts.count > 1 else { return nil }
        let blocks = ResidentBlocks(limit: memory, engine: units) { [store] in store.path(of: $0) }
        let subjects = try subjects(of: adoptUnits(of: served.models).models, served.catalog, in: blocks)
        defer { for subject in subjects { subject.model.release() } }
        guard !subjects.isEmpty else { return nil }
        let measure = LaneMeasure(subjects: subjects, engine: engine, niceness: niceness, clock: clock)
        calibration.lanes = Calibration.Lanes(choosingFrom: try measure.rates(of: counts, rounds: rounds))
        try store.store(calibration, key: key)
        return calibration.lanes
    }

    /// The numbers of lanes that are tried: one, and by doubling up to one for each processor.
    static func laneCounts(processors: Int) -> [Int] {
        var counts = [1]
        while let last = counts.last, last < processors { counts.append(min(last * 2, processors)) }
        return counts
    }
}
