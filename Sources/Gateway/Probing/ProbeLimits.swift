private import Foundation
public import ServingCore

/// What trying a model may take, in the process that does it.
public struct ProbeLimits: Sendable {
    /// How long all of it may take together.
    public var time: Duration
    /// The most memory of its own it may hold, which mapped files do not count to.
    public var memory: ByteCount

    /// Five minutes, and three quarters of the memory that the machine has left.
    public static var standard: ProbeLimits {
        ProbeLimits(time: .seconds(300), memory: ByteCount(availableBytes() / 4 * 3))
    }

    /// Sets limits.
    public init(time: Duration, memory: ByteCount) {
        self.time = time
        self.memory = memory
    }

    /// What the machine, and the group of processes this one is in, have left.
    private static func availableBytes() -> Int {
        let free = kilobytes(of: "MemAvailable:", in: "/proc/meminfo") ?? (4 << 30)
        let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"].compactMap { path in
            (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { Int($0.trimmingCharacters(in: .newlines)) }
        }
        return group.count == 2 ? min(free, max(group[0] - group[1], 0)) : free
    }

    /// What a line of a file in `/proc` says, in bytes; nil where there is no such line.
    static func kilobytes(of key: String, in path: String) -> Int? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key) }) else { return nil }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
