internal import ModelCatalog
internal import ModelServing
internal import ServingCore
private import Synchronization

/// How much work batches do together of which several run at once, for each number of them.
struct LaneMeasure: Sendable {
    /// Models in memory, at least one, with what their batches are estimated to take.
    let subjects: [ContentionMeasure.Subject]
    let engine: any InferenceEngine
    /// How nice a gateway's threads are that run batches.
    let niceness: Int
    let clock: @Sendable () -> MonotonicInstant

    /// How long each number of lanes is measured, each time.
    private static let span = Duration.milliseconds(250)

    /// The work a second, in seconds of estimates, of each of `counts` lanes: the median of as many `rounds`, in turns.
    func rates(of counts: [Int], rounds: Int) throws(ServingError) -> [Int: Double] {
        var rates: [Int: [Double]] = [:]
        for _ in 0..<max(rounds, 1) {
            for count in counts { rates[count, default: []].append(try rate(of: count)) }
        }
        return rates.mapValues { $0.sorted()[$0.count / 2] }
    }

    private func rate(of count: Int) throws(ServingError) -> Double {
        let start = clock()
        let lanes = (0..<count).map { lane in
            ResultThread(niceness: niceness) { () throws(ServingError) in try work(from: lane, since: start) }
        }
        // All have ended before one of them fails the whole: they use what the caller gives back.
        let results = lanes.map { lane in Result { () throws(ServingError) in try lane.value() } }
        var sum = 0.0
        for result in results { sum += try result.get() }
        return sum
    }

    /// The work a second of one lane, whose first batch is that of the subject at `place`.
    private func work(from place: Int, since start: MonotonicInstant) throws(ServingError) -> Double {
        let runner = ModelRunner(engine: engine, maximumBatchRows: 1, clock: clock)
        var (done, next) = (0.0, place)
        var seconds: Double
        repeat {
            let subject = subjects[next % subjects.count]
            next += 1
            let outcome = runner.run(subject.model, requests: [subject.model.model.inputs.map(\.zeros)])
            for result in outcome.results { _ = try result.get() }
            done += subject.baseSeconds + subject.itemSeconds
            seconds = start.duration(to: clock()).inSeconds
        } while seconds < Self.span.inSeconds
        return done / seconds
    }
}
