import ArgumentParser
import Foundation
import Logging
import ServingCore

/// Measures models in a process of its own, which can be ended at any moment, whatever it compiles, and whose memory goes with it.
struct MeasuringProcess: Sendable {
    /// The options that lead to the same configuration.
    let arguments: [String]
    let logger: Logger

    /// What the process gets beyond the budget to start, and to write down what it measured.
    private static let grace = Duration.milliseconds(500)

    /// Measures for `budget` at most; a task that is cancelled meanwhile ends it at once.
    func run(_ budget: Duration) async {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe")
        let milliseconds = String(Int(budget.inSeconds * 1000))
        process.arguments = [MeasureCommand.configuration.commandName ?? "", "--budget-ms", milliseconds] + arguments
        // Open as long as this process lives: its end is the measuring process's end.
        process.standardInput = Pipe()
        process.standardOutput = FileHandle.nullDevice
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                process.terminationHandler = { _ in continuation.resume() }
                do {
                    try process.run()
                } catch {
                    logger.warning("models cannot be measured", metadata: ["problem": "\(error.localizedDescription)"])
                    return continuation.resume()
                }
                if Task.isCancelled { kill(process) }
                let limit = (budget + Self.grace).inSeconds
                DispatchQueue.global().asyncAfter(deadline: .now() + limit) { kill(process) }
            }
        } onCancel: {
            kill(process)
        }
    }

    private func kill(_ process: Process) {
        // Not SIGTERM: a program that handles signals itself leaves them ignored for its children.
        if process.isRunning { _ = Glibc.kill(process.processIdentifier, SIGKILL) }
    }
}
