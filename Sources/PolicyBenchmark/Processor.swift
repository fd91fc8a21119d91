import Foundation

/// The CPU seconds a process and its planner's thread have taken, from `/proc`.
struct Processor {
    /// When this was read, in seconds.
    let time: Double
    /// Of all threads.
    let process: Double
    /// Of the thread called `planner`.
    let planner: Double

    init(_ id: Int32) {
        time = ProcessInfo.processInfo.systemUptime
        process = Self.seconds("/proc/\(id)/stat") ?? 0
        let tasks = "/proc/\(id)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []
        planner =
            threads.filter { Self.text("\(tasks)/\($0)/comm")?.hasPrefix("planner") == true }
            .compactMap { Self.seconds("\(tasks)/\($0)/stat") }.reduce(0, +)
    }

    /// User and system time (proc_pid_stat(5), fields 14 and 15, behind the name in parentheses).
    private static func seconds(_ path: String) -> Double? {
        guard let line = text(path), let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[end...].split(separator: " ").dropFirst()
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Double($0) }
        return ticks.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
