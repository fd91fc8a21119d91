import ArgumentParser
import Foundation
import LoadScheduling
import PlanFormat
import TestSupport

/// What the planning core reaches: every solver side by side on each family of instances, and the bars they are held to.
@main
struct PlanningBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "PlanningBenchmark",
        abstract: "Served requests, gaps and times of every solver; exit status 1 where a bar is missed.",
        discussion: "Meant for a release build: swift run -c release PlanningBenchmark INSTANCES"
    )

    @Argument(help: "A folder of instances called small-*, backbone-* and general-*, with known optima in optimum.txt.")
    var instances: String?

    @Option(help: "Generated instances of each family beside those of the folder.") var generated = 20
    @Option(help: "Milliseconds each solver gets for one instance.") var budgetMs = 100
    @Option(
        help: "Only this: large, budget, admission, dispatching, or a family: small, varied, bound, backbone, general."
    )
    var only: String?
    @Option(help: "The seed of the generated instances and of solvers that draw lots.") var seed: UInt64 = 1

    func validate() throws {
        guard (0...10_000).contains(generated), (1...600_000).contains(budgetMs) else {
            throw ValidationError("--generated goes from 0 to 10000, --budget-ms from 1 to 600000")
        }
        guard !families.isEmpty || ["large", "budget", "admission", "dispatching"].contains(only) else {
            throw ValidationError("there is nothing called \(only ?? "") to measure")
        }
    }

    func run() throws {
        var bars: [Bar] = []
        // First, because the peak of memory is the process's.
        if isWanted("large") { bars += LargeInstance(seed: seed, budget: budget).measure() }
        if isWanted("budget") {
            bars += try BudgetMeasure(folder: instances, generated: min(generated, 5), seed: seed).measure()
        }
        if isWanted("admission") { bars += AdmissionMeasure.measureAll(seed: seed) }
        if isWanted("dispatching") { bars += DispatchMeasure.measureAll(seed: seed) }
        bars += try measureFamilies()
        print("bars")
        for bar in bars { print(bar.line) }
        if bars.contains(where: { !$0.isReached }) { throw ExitCode.failure }
    }

    private func isWanted(_ name: String) -> Bool { only == nil || only == name }

    private func measureFamilies() throws -> [Bar] {
        var bars: [Bar] = []
        for family in families {
            let list = try NamedInstance.list(family, folder: instances, generated: generated, seed: seed)
            guard !list.isEmpty else { continue }
            bars += measure(family, list)
        }
        return bars
    }

    private var families: [InstanceGenerator.Family] {
        [InstanceGenerator.Family.small, .varied, .bound, .backbone, .general].filter { isWanted($0.rawValue) }
    }

    private var budget: Duration { .milliseconds(budgetMs) }

    private func measure(_ family: InstanceGenerator.Family, _ list: [NamedInstance]) -> [Bar] {
        let results = list.enumerated().map { index, instance in
            Progress.show("\(family.rawValue) \(index + 1) of \(list.count)")
            return InstanceResult(of: instance, family, budget: budget, seed: seed)
        }
        Progress.clear()
        print(FamilyTable(family: family, results: results).text + "\n")
        return FamilyBars(family: family, results: results).bars
    }
}
