import Testing

@testable import Simulation

struct ExperimentCatalogTests {
    @Test func `names are unique, and good names of files and curves`() {
        let all = ExperimentCatalog.all
        #expect(Set(all.map(\.name)).count == all.count)
        for experiment in all {
            #expect(experiment.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(experiment.name)")
            #expect(Set(experiment.curves).count == experiment.curves.count)
            #expect(Set(experiment.points).count == experiment.points.count)
            #expect(ExperimentCatalog.experiment(named: experiment.name)?.title == experiment.title)
            for expectation in experiment.expectations {
                #expect(experiment.curves.contains(expectation.better) && experiment.curves.contains(expectation.worse))
                #expect(experiment.measures.contains { $0.name == expectation.measure })
            }
        }
        #expect(ExperimentCatalog.experiment(named: "no-such") == nil)
    }

    @Test(arguments: ExperimentCatalog.all.map(\.name))
    func `every experiment gives a value for each curve and measure, the same again`(name: String) throws {
        let experiment = try #require(ExperimentCatalog.experiment(named: name))
        let setting = ExperimentSetting(seeds: 1)
        let outcome = try experiment.run(point: 0, seed: 1, setting: setting)
        #expect(outcome.count == experiment.curves.count)
        #expect(outcome.allSatisfy { $0.count == experiment.measures.count })
        #expect(outcome.contains { ($0[0] ?? 0) > 0 }, "\(outcome)")
        #expect(try experiment.run(point: 0, seed: 1, setting: setting) == outcome)
    }
}
