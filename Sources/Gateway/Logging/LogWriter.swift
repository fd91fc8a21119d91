private import Foundation
internal import MetricsExposition

/// Writes lines to a descriptor on a thread of its own: a reader that is slow or gone costs lines, never time.
///
/// `@unchecked Sendable` because everything that changes is touched with `condition` locked.
public final class LogWriter: @unchecked Sendable {
    /// The process's standard error.
    public static let standardError = LogWriter(descriptor: STDERR_FILENO)
    /// The process's standard output, for lines that must not hold anything up.
    public static let standardOutput = LogWriter(descriptor: STDOUT_FILENO)

    private let descriptor: Int32
    private let capacity: Int
    private let condition = NSCondition()
    private var waiting: [UInt8] = []
    private var isWriting = false
    private var hasThread = false
    private var lost = 0
    /// Lost lines that the log itself does not tell of yet.
    private var untold = 0

    /// Writes to `descriptor`, which is not closed; keeps at most `capacity` bytes that wait.
    public init(descriptor: Int32, capacity: Int = 256 << 10) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    /// How many lines could not be written so far.
    public var lostLines: Int { locked { lost } }

    /// Writes `line` and a line break soon; the line is lost where too many wait already.
    public func write(_ line: String) {
        locked {
            guard waiting.count + line.utf8.count < capacity else {
                lost += 1
                untold += 1
                return
            }
            waiting += line.utf8
            waiting.append(UInt8(ascii: "\n"))
            if !hasThread { startThread() }
            condition.broadcast()
        }
    }

    /// Waits until everything is written or lost, at most for `seconds`.
    public func flush(atMost seconds: Double) {
        let deadline = Date(timeIntervalSinceNow: seconds)
        locked {
            while !waiting.isEmpty || isWriting {
                guard condition.wait(until: deadline) else { return }
            }
        }
    }

    private func startThread() {
        hasThread = true
        let thread = Thread { [self] in
            while true {
                let (bytes, told) = next()
                writeOut(bytes, told: told)
            }
        }
        thread.start()
        // Foundation tells the kernel only the name of a thread that runs.
        thread.name = "log"
    }

    /// Waits for lines; `told` is how many lost lines the last of them tells of.
    private func next() -> (bytes: [UInt8], told: Int) {
        locked {
            while waiting.isEmpty { condition.wait() }
            isWriting = true
            defer { (waiting, untold) = ([], 0) }
            guard untold > 0 else { return (waiting, 0) }
            return (waiting + "gateway: \(untold) log lines before this one were lost\n".utf8, untold)
        }
    }

    private func writeOut(_ bytes: [UInt8], told: Int) {
        let rest = DescriptorOutput.write(bytes[...], to: descriptor)
        locked {
            if !rest.isEmpty {
                let lines = rest.count { $0 == UInt8(ascii: "\n") } - (told > 0 ? 1 : 0)
                lost += lines
                untold += lines + told
            }
            isWriting = false
            condition.broadcast()
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }
}

extension LogWriter {
    /// Counts the lines of both standard streams that were lost.
    static func register(in registry: MetricRegistry) {
        registry.counter(
            "gateway_log_lines_lost_total",
            help: "Log lines that could not be written: the reader was gone or too slow, or the disk was full."
        ) { [LabelledValue([], Double(standardError.lostLines + standardOutput.lostLines))] }
    }
}
