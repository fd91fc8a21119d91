import LoadScheduling
import ServingCore

/// A batch of its own by deadline is at one place for all deadlines between two others: these bounds, the upper one left out.
struct DeadlineRange {
    var placement: Placement
    var from = -Double.infinity
    var to = Double.infinity
}

extension AdmissionController {
    /// How exactly a deadline is found that depends on the uplink, in parts of its distance.
    private static let precision = 1e-2
    /// The latest deadline that is named, in seconds from now.
    private static let horizon = 3600.0

    /// The earliest deadline later than the one refused with which the same question would be admitted now; nil where no place
    /// that is tried would do within an hour.
    ///
    /// The places are those ``decide(_:plan:on:from:version:)`` would try for that deadline: batches to join, the end, and, for
    /// deadlines between two planned ones, before the later. Of the last, at most ``maximumLaterPlaces`` are looked at closely;
    /// where more look possible, an earlier deadline may do as well. Where paced uploads make the answer depend on itself, it
    /// is found to a hundredth.
    mutating func earliestDeadline(
        for question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double? {
        var best: Double?
        // From the front of the plan, as what is found there soonest rules the others out.
        var asked = question
        asked.deadline = state.now + Self.horizon
        let places = places(for: question, in: plan, on: server)
        let mayOpen = places.contains { !$0.isJoin }
        for range in mayOpen ? ranges(from: question.deadline, for: asked, plan, server, state) : [] {
            guard range.from < best ?? .infinity else { break }
            best = earlier(best, range, question, &plan, server, state)
        }
        for placement in places {
            guard placement == .insert(plan.count) || placement.isJoin else { continue }
            best = earlier(best, DeadlineRange(placement: placement), question, &plan, server, state)
        }
        return best
    }

    /// The places by deadline later than `earliest` that are worth a closer look, in order.
    private func ranges(
        from earliest: Double,
        for question: AdmissionQuestion,
        _ plan: [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> [DeadlineRange] {
        var ranges: [DeadlineRange] = []
        var from = -Double.infinity
        for (index, batch) in plan.enumerated() where batch.deadline > from {
            guard from < question.deadline, ranges.count < maximumLaterPlaces else { break }
            if batch.deadline > earliest {
                var last = question
                last.deadline = min(question.deadline, batch.deadline)
                if hopelessness(.insert(index), last, plan, server, state) == nil {
                    ranges.append(DeadlineRange(placement: .insert(index), from: from, to: batch.deadline))
                }
            }
            from = batch.deadline
        }
        return ranges
    }

    /// The earlier of `best` and what is needed at a place.
    private mutating func earlier(
        _ best: Double?,
        _ range: DeadlineRange,
        _ question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double? {
        // Where uploads are paced, what is no hundredth earlier is not worth finding.
        let isPaced = question.uplinkWork > 0 || before.leastShareTotal > 0
        let tolerance = isPaced ? 1 + Self.precision : 1
        let wanted = state.now + min(best.map { ($0 - state.now) / tolerance } ?? Self.horizon, Self.horizon)
        // Room is left for the microsecond a deadline is rounded up by.
        let latest = min(range.to - 2e-6, wanted)
        var asked = question
        asked.deadline = latest
        guard latest > max(question.deadline, range.from),
            hopelessness(range.placement, asked, plan, server, state) == nil
        else {
            return best
        }
        guard let needed = needed(at: range, by: latest, asked, question, &plan, server, state) else { return best }
        // The quick look is on the safe side: what it would not let pass must not be promised.
        var (low, high) = (needed, latest)
        asked.deadline = needed
        while hopelessness(range.placement, asked, plan, server, state) != nil {
            guard high - low > max(Self.precision / 4 * (low - state.now), 1e-9) else { return high }
            asked.deadline = (low + high) / 2
            if hopelessness(range.placement, asked, plan, server, state) == nil {
                high = asked.deadline
                asked.deadline = low
            } else {
                low = asked.deadline
            }
        }
        return needed
    }

    /// The earliest deadline up to `latest` that would do at a place; nil where none would. The plan stays.
    private mutating func needed(
        at range: DeadlineRange,
        by latest: Double,
        _ asked: AdmissionQuestion,
        _ question: AdmissionQuestion,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double? {
        let upload = uploadSeconds(range.placement, question, plan, server, state)
        // Leaving as much of the uplink free as it took the last time.
        let delayedUpload = scaleThatDid.map {
            uploadSeconds(range.placement, question, plan, server, state, scale: $0)
        }
        let kept = place(asked, at: range.placement, in: &plan)
        defer { takeBack(range.placement, kept, &plan) }
        compute(range.placement, plan, server, state, delays: question.uplinkWork > 0 ? .ifUplinkSuffices : .always)
        guard isAccepted(question, at: range.placement, plan, state) else { return nil }
        let index = range.placement.index
        let floor = max(question.deadline, range.from)
        guard after.leastShareTotal > 0 else { return min(max(after.entries[index].finish, floor), latest) }
        let seconds = after.entries[index].finish - after.entries[index].start
        let guesses = (quick: seconds + upload, delayed: delayedUpload.map { seconds + $0 })
        let joined = kept?.deadline ?? .infinity
        return bisect(floor, latest, guesses, question, range.placement, joined, &plan, server, state)
    }

    /// The earliest deadline between one that is too early and one that will do, to a hundredth, with the request placed;
    /// `guesses` are in seconds from now, without and with what uploads delay.
    private mutating func bisect(
        _ low: Double,
        _ high: Double,
        _ guesses: (quick: Double, delayed: Double?),
        _ question: AdmissionQuestion,
        _ placement: Placement,
        _ joined: Double,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState
    ) -> Double {
        var (low, high) = (max(low, state.now), high)
        var probes = [guesses.quick * 1.03] + Self.probes(guesses.quick)
        // At first without what uploads delay, which takes long to find: what is too early so is too early.
        if question.uplinkWork > 0 {
            var first = high
            narrow(&low, &first, &probes, question, placement, joined, &plan, server, state, delays: .never)
            plan[placement.index].deadline = min(joined, first)
            after.reconsider(plan, on: server, from: state, upTo: limit(at: placement.index))
            if isAccepted(question, at: placement, plan, state) { return first }
            low = first
            probes = guesses.delayed.map(Self.probes) ?? []
        }
        narrow(&low, &high, &probes, question, placement, joined, &plan, server, state, delays: .always)
        return high
    }

    /// Deadlines to try first, of which the first comes last, around a guess; all in seconds from now.
    private static func probes(_ guess: Double) -> [Double] {
        [guess * (1 - precision / 4), guess * (1 + precision / 2)]
    }

    /// Brings a deadline that is too early and one that will do to a hundredth of each other.
    private mutating func narrow(
        _ low: inout Double,
        _ high: inout Double,
        _ probes: inout [Double],
        _ question: AdmissionQuestion,
        _ placement: Placement,
        _ joined: Double,
        _ plan: inout [BatchOutline],
        _ server: EdgeServer,
        _ state: ServerState,
        delays: ScheduleTimeline.Delays
    ) {
        while high - low > max(Self.precision * (low - state.now), 1e-5) {
            // Windows grow by factors, so most of the way is made in steps of the same factor.
            let (near, far) = (max(low - state.now, 1e-4), high - state.now)
            var middle = far > 4 * near ? state.now + (near * far).squareRoot() : (low + high) / 2
            // Where the newcomer hurries nobody else, this is the answer.
            if let probe = probes.popLast(), probe > near, probe < far { middle = state.now + probe }
            plan[placement.index].deadline = min(joined, middle)
            after.reconsider(plan, on: server, from: state, delays: delays, upTo: limit(at: placement.index))
            if isAccepted(question, at: placement, plan, state) {
                high = middle
                if delays == .always { scaleThatDid = after.uplinkScale }
            } else {
                low = middle
            }
        }
    }
}

extension Placement {
    fileprivate var isJoin: Bool {
        if case .join = self { true } else { false }
    }
}
