import ArgumentParser
import Foundation

/// A process of its own that takes away what a benchmark has made, if the benchmark ends without doing so: killed, or by a crash.
///
/// It reads from a pipe what there is to take away; the pipe ends with the benchmark, however that ends.
final class Guardian: Sendable {
    private let pipe: Pipe
    private let process: Process

    /// Starts it.
    init() throws {
        pipe = Pipe()
        process = Process()
        process.executableURL = Program.own
        process.arguments = ["guard"]
        process.standardInput = pipe.fileHandleForReading
        // Were it inherited by the gateway, the pipe would end with the gateway only.
        _ = fcntl(pipe.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        try process.run()
        try pipe.fileHandleForReading.close()
    }

    /// Kills a process if this one ends before ``forget(process:)``.
    func watch(process number: Int32) { tell("process \(number)") }

    /// The process has ended: its number may be given to another one.
    func forget(process number: Int32) { tell("ended \(number)") }

    /// Deletes a network namespace, and with it the links that lead into it.
    func watch(namespace name: String) { tell("namespace \(name)") }

    /// Ends it; everything was taken away.
    func end() {
        tell("done")
        process.waitUntilExit()
    }

    private func tell(_ line: String) {
        try? pipe.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }
}

/// The other side of a ``Guardian``.
struct Guard: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Wait for the end of a benchmark and take away what it has left.",
        shouldDisplay: false
    )

    func run() throws {
        // What ends the benchmark, a Ctrl-C or the end of its terminal, must not end this before it has worked.
        setsid()
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
        var (processes, namespaces): (Set<Int32>, [String]) = ([], [])
        while let line = readLine() {
            let words = line.split(separator: " ")
            switch (words.first, words.last.flatMap { Int32($0) }) {
            case ("process", let number?): processes.insert(number)
            case ("ended", let number?): processes.remove(number)
            case ("namespace", _): namespaces += words.last.map { [String($0)] } ?? []
            case ("done", _): return
            default: break
            }
        }
        for number in processes where number > 1 { kill(number, SIGKILL) }
        for name in namespaces {
            let left = (try? Program.output(of: "ip", ["netns", "pids", name])) ?? ""
            for number in left.split(separator: "\n").compactMap({ Int32($0) }) where number > 1 {
                kill(number, SIGKILL)
            }
            _ = try? Program.output(of: "ip", ["netns", "delete", name])
        }
    }
}
