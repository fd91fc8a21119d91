import ArgumentParser
import Gateway

/// The one executable: `gateway serve`, `gateway import`, `gateway models`, `gateway plan` and so on.
@main
struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "An inference gateway that loads only the parameter blocks it lacks.",
        version: GatewayVersion.current,
        subcommands: [
            ServeCommand.self, ImportCommand.self, CompareCommand.self, ModelsCommand.self, BlocksCommand.self,
            VerifyCommand.self,
            RemoveCommand.self, GarbageCommand.self, PlanCommand.self, TraceCommand.self, ReplayCommand.self,
            ZooCommand.self, CalibrateCommand.self, SimulateCommand.self, ProbeCommand.self,
            MeasureCommand.self,
        ]
    )

    /// Exit status: 0 done, 1 it failed, 2 bad usage or bad input.
    static func main() async {
        CommandOutput.prepare()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            LogWriter.standardError.flush(atMost: 1)
        } catch {
            exit(reporting: error)
        }
    }
}
