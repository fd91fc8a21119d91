import ArgumentParser
import Gateway
import ModelCatalog
import ServingCore

/// `gateway verify`: is every file of the store what was stored?
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole store and list what is damaged; exit status 1 where anything is."
    )

    @OptionGroup var common: CommonOptions

    func run() throws {
        let check = try common.configuration().existingStore().check()
        for problem in check.problems { try CommandOutput.print("damaged: \(problem)") }
        try CommandOutput.print(
            "\(check.soundModels) models and \(check.soundBlocks) blocks of \(check.bytes.rawValue) bytes are sound, "
                + "\(check.problems.count) damaged"
        )
        if !check.problems.isEmpty { throw ExitCode.failure }
    }
}
