import ArgumentParser
import Foundation
import Synchronization

/// The devices behind the narrow link: sends a trace's requests, each on a connection of its own, and prints what became of each.
struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send one trace of requests and print their outcomes.",
        shouldDisplay: false
    )

    @Option var host: String
    @Option var port: Int
    @Option var mix: RequestMix
    @Option var seed: UInt64
    @Option var load: Double
    @Option var horizon: Double
    @Flag var asksFirst = false
    @Flag var plainClose = false

    func run() throws {
        Descriptors.raiseLimit()
        let trace = DeviceTrace(mix, seed: seed, load: load, horizon: horizon)
        let outcomes = Outcomes()
        let start = Seconds.now + 0.2
        var threads: [Thread] = []
        for request in trace.requests {
            Seconds.sleep(until: start + request.time)
            let call = DeviceCall(request: request, host: host, port: port, asksFirst: asksFirst, resets: !plainClose)
            let thread = Thread { outcomes.add(call.run()) }
            thread.stackSize = 256 << 10
            thread.start()
            threads.append(thread)
        }
        outcomes.wait(for: trace.requests.count)
        for outcome in outcomes.all { print(outcome.line) }
    }
}

/// What became of the requests, from all threads.
private final class Outcomes: Sendable {
    private let list = Mutex<[DeviceOutcome]>([])
    private let added = DispatchSemaphore(value: 0)

    var all: [DeviceOutcome] { list.withLock { $0 } }

    func add(_ outcome: DeviceOutcome) {
        list.withLock { $0.append(outcome) }
        added.signal()
    }

    func wait(for count: Int) {
        for _ in 0..<count { added.wait() }
    }
}

extension RequestMix: ExpressibleByArgument {}

/// What became of one request, as its device saw it.
struct DeviceOutcome {
    /// The HTTP status; 0 where no answer came.
    var status: Int
    /// The code of the error, `ok` of none, `-` where it was not read.
    var code = "-"
    /// From before the connection to the whole answer.
    var seconds: Double
    var deadline: Double
    /// Bytes of its tensor.
    var size = 0
    /// Body bytes the other side has acknowledged.
    var uploaded: Int
    /// When it was connected, told to go on, and had given its last byte to its kernel.
    var connected = 0.0
    var verdict = 0.0
    var written = 0.0
    /// The error's sentence, of an answer in time nothing.
    var detail = ""
    var isWanted: Bool { status == 200 && seconds <= deadline }

    var line: String { "\(status) \(seconds) \(deadline) \(size) \(uploaded) \(code) \(connected) \(verdict) \(written) \(detail)" }

    init(status: Int, seconds: Double, deadline: Double, size: Int, uploaded: Int) {
        (self.status, self.seconds, self.deadline) = (status, seconds, deadline)
        (self.size, self.uploaded) = (size, uploaded)
    }

    /// Reads ``line``.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 9)
        guard words.count >= 9, let status = Int(words[0]), let seconds = Double(words[1]),
            let deadline = Double(words[2]), let size = Int(words[3]), let uploaded = Int(words[4])
        else { return nil }
        self.init(status: status, seconds: seconds, deadline: deadline, size: size, uploaded: uploaded)
        code = String(words[5])
        detail = words.count > 9 ? String(words[9]) : ""
        (connected, verdict, written) = (Double(words[6]) ?? 0, Double(words[7]) ?? 0, Double(words[8]) ?? 0)
    }
}
