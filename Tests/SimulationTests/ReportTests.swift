import Foundation
import Testing

@testable import Simulation

struct ReportTests {
    @Test func `a table becomes a line for each point, curve and measure, with names quoted where they must be`() throws
    {
        let lines = ExperimentCSV.text(try StubExperiment().table(seeds: 2)).split(separator: "\n")
        #expect(lines.count == 1 + 3 * 2 * 2)
        #expect(lines[0] == "point,label,curve,measure,mean,half_width_95,samples")
        // Seeds 0 and 1 at point 0: mean 0.5, variance 0.5, t(1) = 12.706: 12.706 * sqrt(0.5 / 2).
        #expect(lines[1] == "1.0,,one,task_throughput,0.5,6.353,2")
        #expect(lines[8] == "10.0,\"ten, \"\"10\"\"\",\"two, or more\",mean_waiting_ms,111.5,6.353,2")
    }

    @Test func `a cell without values has no line, and one sample no interval`() throws {
        var experiment = StubExperiment()
        experiment.value = { point, _, curve, _ in curve == 1 ? nil : Double(point) }
        let lines = ExperimentCSV.text(try experiment.table(seeds: 1)).split(separator: "\n")
        #expect(lines.count == 1 + 3 * 2)
        #expect(lines[1] == "1.0,,one,task_throughput,0.0,,1")
    }

    @Test func `a plot has a curve each with its interval, both axes' labels and the points' own tics`() throws {
        let script = PlotScript(table: try StubExperiment().table(seeds: 2), measure: 1).text(.svg, to: "it's.svg")
        #expect(script.contains("set output 'it''s.svg'"))
        #expect(script.contains("set title 'What a stub''s does' noenhanced"))
        #expect(script.contains("set xlabel 'Users, in all'"))
        #expect(script.contains("set ylabel 'Mean waiting of the served (ms)'"))
        #expect(script.contains("set logscale x"))
        #expect(script.contains("set xtics ('1' 1.0, 'ten, \"10\"' 10.0, '100' 100.0)"))
        #expect(script.contains("$curve0 << EOD\n") && script.contains(" 1.5 6.353\n"))
        #expect(script.contains("set xrange ["))
        #expect(script.contains("title 'one'") && script.contains("title 'two, or more'"))
        #expect(script.components(separatedBy: "yerror").count == 3)
    }

    @Test func `a curve without any value draws nothing and stops nothing`() throws {
        var experiment = StubExperiment()
        experiment.value = { point, _, curve, _ in curve == 1 ? nil : Double(point) }
        let script = PlotScript(table: try experiment.table(seeds: 2), measure: 0).text(.png, to: "x.png")
        #expect(script.contains("$curve1 << EOD\nNaN NaN NaN\nEOD"))
    }

    @Test func `the page holds title, sentence and pictures, and nothing from elsewhere`() throws {
        let table = try StubExperiment().table(seeds: 2)
        let section = ReportPage.Section(table: table, pictures: [Data("<svg/>".utf8), Data("<svg/>".utf8)])
        let page = ReportPage(sections: [section], setting: ExperimentSetting(seeds: 2)).text
        #expect(page.contains("Nothing &lt;much&gt;."))
        #expect(page.components(separatedBy: "<img").count == 3)
        #expect(page.contains("href=\"#stub\"") && page.contains("id=\"stub\""))
        #expect(!page.contains("http"))
    }

    @Test func `an expectation is broken where the mean is lower, an equality where one seed differs`() throws {
        var experiment = StubExperiment()
        experiment.expectations = [
            ExperimentExpectation("one", atLeast: "two, or more"),
            ExperimentExpectation("two, or more", atLeast: "one"),
            ExperimentExpectation("one", atLeast: "two, or more", isEquality: true),
        ]
        // The second curve is better by 1 for seed 0 alone, at the first point alone.
        experiment.value = { point, seed, curve, _ in point == 0 && seed == 0 && curve == 1 ? 1 : 0 }
        let check = ExpectationCheck(try experiment.table(seeds: 3))
        #expect(check.comparisons == 12)
        // A mean of -1/3 at one point of three seeds is not clearly below 0; the mean over all points is below.
        #expect(check.breaches.map(\.point) == [nil, 1, nil])
        #expect(check.breaches.map(\.expectation.isEquality) == [false, true, true])
        #expect(check.breaches[0].description.contains("stub: expected one >= two, or more in task_throughput"))
        experiment.value = { point, _, curve, _ in point == 0 && curve == 1 ? 1 : 0 }
        let clear = ExpectationCheck(try experiment.table(seeds: 3))
        #expect(clear.breaches.map(\.point) == [1, nil, 1, nil])
    }

    @Test func `what is found does not depend on the number of threads`() async throws {
        let experiments = [StubExperiment(), StubExperiment(name: "other")]
        let one = ExperimentRunner(setting: ExperimentSetting(seeds: 5), threads: 1)
        let many = ExperimentRunner(setting: ExperimentSetting(seeds: 5), threads: 4)
        var told: [Int] = []
        let first = try await one.run(experiments) { told.append($0.done) }
        let second = try await many.run(experiments)
        #expect(first.map(ExperimentCSV.text) == second.map(ExperimentCSV.text))
        #expect(told == Array(1...(2 * 3 * 5)))
    }
}
