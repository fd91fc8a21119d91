import Foundation
import Synchronization

/// Open files.
enum Descriptors {
    /// Lets the process open as many as it may.
    static func raiseLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}

/// A monotonic clock in seconds, and sleeping on it.
enum Seconds {
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// CPU seconds this process has used on all its threads.
    static var processor: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    static func sleep(until time: Double) {
        let rest = time - now
        if rest > 0 { usleep(useconds_t(min(rest, 60) * 1e6)) }
    }
}

/// Programs this one runs.
enum Program {
    /// This program itself.
    static var own: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// Starts a program whose output comes to ours.
    static func start(_ program: String, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        try process.run()
        return process
    }

    /// Runs a program to its end and gives its standard output.
    ///
    /// - Throws: ``BenchmarkFailure`` where it fails.
    @discardableResult
    static func output(of program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["PATH=\(path)", program] + arguments
        let (out, error) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = error
        try process.run()
        let text = out.fileHandleForReading.readDataToEndOfFile()
        let complaint = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let words = ([program] + arguments).joined(separator: " ")
            throw BenchmarkFailure("\(words): \(String(decoding: complaint, as: UTF8.self))")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static var path: String { (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin" }
}

/// Numbers as text.
enum Figure {
    static func percent(_ part: Double, digits: Int = 1) -> String { String(format: "%.\(digits)f %%", part * 100) }
    static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    static func cell(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
    /// The value a part of the sorted values stay under or at; 0 of none.
    static func quantile(_ values: [Double], _ part: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let index = Int((part * Double(sorted.count - 1)).rounded())
        return sorted.indices.contains(index) ? sorted[index] : last
    }
}
