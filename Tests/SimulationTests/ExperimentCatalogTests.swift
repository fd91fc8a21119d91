import LoadScheduling
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

    @Test(arguments: ["small", "rolling-users", "rolling-adapters"])
    func `an experiment gives a value for each curve and measure, the same again`(name: String) throws {
        let experiment = try #require(ExperimentCatalog.experiment(named: name))
        let setting = ExperimentSetting(seeds: 1)
        let outcome = try experiment.run(point: 0, seed: 1, setting: setting)
        #expect(outcome.count == experiment.curves.count)
        #expect(outcome.allSatisfy { $0.count == experiment.measures.count })
        #expect(outcome.allSatisfy { ($0[0] ?? 0) > 0 }, "\(outcome)")
        #expect(try experiment.run(point: 0, seed: 1, setting: setting) == outcome)
    }

    @Test(arguments: ExperimentCatalog.all.map(\.name))
    func `every point is a scenario whose models fit, alone at least`(name: String) throws {
        let experiment = try #require(ExperimentCatalog.experiment(named: name))
        for point in experiment.points {
            if let experiment = experiment as? any EpochExperiment {
                let problem = experiment.scenario(at: point.value).problem(seed: 1, costs: .stated)
                #expect(!problem.requests.isEmpty)
                #expect(
                    problem.server.models.indices.allSatisfy {
                        problem.server.bytes(ofModel: $0) <= problem.server.memoryBytes
                    }
                )
            } else if let experiment = experiment as? any RollingExperiment {
                let scenario = experiment.scenario(at: point.value)
                let (server, arrivals) = scenario.draw(seed: 1, costs: .stated)
                #expect(!arrivals.isEmpty)
                #expect(server.models.indices.allSatisfy { server.bytes(ofModel: $0) <= scenario.memoryBytes })
                #expect(arrivals.allSatisfy { server.models.indices.contains($0.model) })
            }
        }
    }
}
