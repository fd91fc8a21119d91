import Foundation

/// What the process takes.
enum ProcessMemory {
    /// The most memory it was resident in so far (VmHWM of proc(5)); nil where the system does not say.
    static var peakMebibytes: Double? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let kibibytes = line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first else { return nil }
        return Double(kibibytes).map { $0 / 1024 }
    }
}
