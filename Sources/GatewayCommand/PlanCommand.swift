import ArgumentParser
import Foundation
import JSONCoding
import PlanFormat
import ServingCore

/// `gateway plan`: a schedule for an instance file.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Schedule the requests of an instance file and print the schedule as JSON."
    )

    // Taken by every command; a plan depends on its instance alone.
    @OptionGroup var common: CommonOptions

    @Argument(help: "The instance (JSON, version 1 of the plan format).", completion: .file(extensions: ["json"]))
    var instance: String

    @Option(
        help: """
            The solver: \(SolverRegistry.all.names). Default: \(SolverRegistry.all.preferred.name).
            """
    )
    var solver: String?

    @Option(
        parsing: .unconditional,
        help: "The milliseconds the solver may take. Default: 100 for solvers that go on improving, else no limit."
    )
    var budgetMs: Int?

    @Option(parsing: .unconditional, help: "The seed of solvers that draw lots. Default: the instance's, or 0.")
    var seed: UInt64?

    func run() throws {
        let entry = try entry()
        let budget = try budget() ?? entry.defaultBudget
        let plan = try Self.read(instance)
        let report = PlanRunner.run(
            entry.solver(seed: seed ?? plan.seed),
            on: plan,
            budget: budget,
            now: SystemMonotonicClock.now
        )
        let text = report.json().withUnsafeBytes { Array($0) }
        try CommandOutput.write(text + [UInt8(ascii: "\n")])
    }

    private func entry() throws -> SolverRegistry.Entry {
        guard let solver else { return SolverRegistry.all.preferred }
        guard let entry = SolverRegistry.all.entry(named: solver) else {
            throw ServingError(
                .invalidField,
                "there is no solver \"\(solver)\", only \(SolverRegistry.all.names)",
                field: "--solver"
            )
        }
        return entry
    }

    private func budget() throws -> Duration? {
        guard let budgetMs else { return nil }
        guard (0...3_600_000).contains(budgetMs) else {
            throw ServingError(.invalidField, "expected 0 to 3600000, found \(budgetMs)", field: "--budget-ms")
        }
        return .milliseconds(budgetMs)
    }

    /// Reads no more than the format takes, whatever the path leads to.
    private static func read(_ path: String) throws -> InstancePlan {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw ServingError(.invalidField, "there is no such file", field: path)
        }
        guard !isFolder.boolValue, let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: JSONLimits.instanceFile.maximumBytes + 1) ?? Data()
        else { throw ServingError(.invalidField, "it cannot be read", field: path) }
        return try data.withUnsafeBytes { try InstancePlan(parsing: $0) }
    }
}
