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
    @Option var mix: DeviceTrace.Mix
    @Option var seed: UInt64
    @Option var bitsPerSecond: Double
    @Option var horizon: Double
    @Flag var asksFirst = false

    func run() throws {
        Descriptors.raiseLimit()
        let trace = DeviceTrace(mix, seed: seed, bitsPerSecond: bitsPerSecond, horizon: horizon)
        let outcomes = Outcomes()
        let start = Seconds.now + 0.2
        var threads: [Thread] = []
        for request in trace.requests {
            Seconds.sleep(until: start + request.time)
            let call = DeviceCall(request: request, host: host, port: port, asksFirst: asksFirst)
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

extension DeviceTrace.Mix: ExpressibleByArgument {}

/// What became of one request, as its device saw it.
struct DeviceOutcome {
    /// The HTTP status; 0 where no answer came.
    var status: Int
    /// The code of the error, `ok` of none, `-` where it was not read.
    var code = "-"
    /// From before the connection to the whole answer.
    var seconds: Double
    var deadline: Double
    /// Body bytes the other side has acknowledged.
    var uploaded: Int
    /// The error's sentence, of an answer in time nothing.
    var detail = ""
    var isWanted: Bool { status == 200 && seconds <= deadline }

    var line: String { "\(status) \(seconds) \(deadline) \(uploaded) \(code) \(detail)" }

    init(status: Int, seconds: Double, deadline: Double, uploaded: Int) {
        (self.status, self.seconds, self.deadline, self.uploaded) = (status, seconds, deadline, uploaded)
    }

    /// Reads ``line``.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 5)
        guard words.count >= 5, let status = Int(words[0]), let seconds = Double(words[1]),
            let deadline = Double(words[2]), let uploaded = Int(words[3])
        else { return nil }
        self.init(status: status, seconds: seconds, deadline: deadline, uploaded: uploaded)
        code = String(words[4])
        detail = words.count > 5 ? String(words[5]) : ""
    }
}
