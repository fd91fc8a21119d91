import ArgumentParser
import Gateway

/// `gateway probe-model`: what an import starts to try a model; of no use by hand.
struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ProbeWorker.commandName,
        abstract: "Try models for an import, which starts this itself.",
        shouldDisplay: false
    )

    func run() {
        var worker = ProbeWorker()
        worker.run()
    }
}
