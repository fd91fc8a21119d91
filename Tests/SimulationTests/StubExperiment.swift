import Simulation

/// An experiment of two curves whose values are made of point, seed and curve.
struct StubExperiment: Experiment {
    var name = "stub"
    var title = "What a stub's does"
    var reading = "Nothing <much>."
    var axis = ExperimentAxis("Users, in all", isLogarithmic: true)
    var points = [ExperimentPoint(1), ExperimentPoint(10, label: "ten, \"10\""), ExperimentPoint(100)]
    var curves = ["one", "two, or more"]
    var measures = [ExperimentMeasure.taskThroughput, .meanWaiting]
    var expectations: [ExperimentExpectation] = []
    /// The values, by curve and measure.
    var value: @Sendable (_ point: Int, _ seed: UInt64, _ curve: Int, _ measure: Int) -> Double? = {
        Double($0 * 100 + $2 * 10 + $3) + Double($1)
    }

    func run(point: Int, seed: UInt64, setting: ExperimentSetting) throws -> [[Double?]] {
        curves.indices.map { curve in measures.indices.map { value(point, seed, curve, $0) } }
    }

    /// Its table for some seeds.
    func table(seeds: Int) throws -> ExperimentTable {
        var table = ExperimentTable(self, seeds: seeds)
        let setting = ExperimentSetting(seeds: seeds)
        for point in points.indices {
            for seed in 0..<seeds {
                table.record(try run(point: point, seed: UInt64(seed), setting: setting), point: point, seed: seed)
            }
        }
        return table
    }
}
