private import Foundation
internal import ServingCore

/// How much memory this process may take.
enum MachineMemory {
    /// What the machine has available now, or the limit of a control group around this process where that is less.
    ///
    /// `read` gives the text of a file of the system; nil where there is none.
    static func available(reading read: (String) -> String? = text) -> ByteCount? {
        ([machine(read)] + groups(read)).compactMap(\.self).min()
    }

    private static func machine(_ read: (String) -> String?) -> ByteCount? {
        let line = read("/proc/meminfo")?.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        guard let kibibytes = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        return ByteCount(kibibytes.multipliedReportingOverflow(by: 1024).partialValue)
    }

    /// The limits of the process's control group and of those around it, in both versions of the interface.
    private static func groups(_ read: (String) -> String?) -> [ByteCount?] {
        let lines = read("/proc/self/cgroup")?.split(separator: "\n") ?? []
        return lines.flatMap { line -> [ByteCount?] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            if parts[1].isEmpty { return limits("/sys/fs/cgroup", parts[2], "memory.max", read) }
            guard parts[1].split(separator: ",").contains("memory") else { return [] }
            return limits("/sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes", read)
        }
    }

    /// What `file` says in the folder of each group from `path` up to `root`; `max` is no number.
    private static func limits(
        _ root: String,
        _ path: Substring,
        _ file: String,
        _ read: (String) -> String?
    ) -> [ByteCount?] {
        var names = path.split(separator: "/").map(String.init)
        var found: [ByteCount?] = []
        while true {
            let text = read(([root] + names + [file]).joined(separator: "/"))
            found.append(text.flatMap { Int($0.filter { !$0.isWhitespace }) }.map { ByteCount($0) })
            guard names.popLast() != nil else { return found }
        }
    }

    private static func text(of file: String) -> String? { try? String(contentsOfFile: file, encoding: .utf8) }
}
