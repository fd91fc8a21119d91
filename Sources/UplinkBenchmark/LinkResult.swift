import Foundation

/// What one round came to.
struct LinkResult {
    let outcomes: [DeviceOutcome]

    init(_ outcomes: [DeviceOutcome]) { self.outcomes = outcomes }

    var inTime: Int { outcomes.count(where: \.isWanted) }
    var uploaded: Int { outcomes.reduce(0) { $0 + $1.uploaded } }
    var wastedPart: Double {
        let wasted = outcomes.reduce(0) { $0 + ($1.isWanted ? 0 : $1.uploaded) }
        return Double(wasted) / Double(max(uploaded, 1))
    }

    func row(_ setting: LinkSetting) -> String {
        let cells = [
            setting.name.padding(toLength: 24, withPad: " ", startingAt: 0),
            Figure.cell(setting.asksFirst ? "yes" : "no", 13), Figure.cell("\(outcomes.count)", 11),
            Figure.cell("\(inTime)", 11), Figure.cell(Figure.fixed(Double(uploaded) / 1e6, 1), 14),
            Figure.cell(Figure.percent(wastedPart), 9),
        ]
        return "  " + cells.joined()
    }

    /// Each request that was missed after it had sent something: what it was, how far it came, how it ended when.
    var missed: [String] {
        outcomes.filter { !$0.isWanted && $0.uploaded > 0 }.map { outcome in
            let sent = Figure.percent(Double(outcome.uploaded) / Double(max(outcome.size, 1)), digits: 0)
            let seconds = Figure.fixed(outcome.seconds, 3)
            let deadline = Figure.fixed(outcome.deadline, 3)
            let steps = [outcome.connected, outcome.verdict, outcome.written].map { Figure.fixed($0, 3) }
            let end = "\(steps.joined(separator: " ")) | \(sent) sent, ended after \(seconds) s: \(outcome.reason)"
            return "\(outcome.size) bytes due after \(deadline) s, \(end)"
        }
    }

    /// How many ended how, and what they had uploaded, admitted ones that were missed with the gateway's reason:
    /// `deadline_passed, the upload was not over in time: 12 (3.4 MB)`.
    var reasons: [String] {
        Dictionary(grouping: outcomes, by: \.reason)
            .sorted { ($0.value.count, $1.key) > ($1.value.count, $0.key) }
            .map { reason, outcomes in
                let bytes = outcomes.reduce(0) { $0 + $1.uploaded }
                return "\(outcomes.count) x \(reason) (\(Figure.fixed(Double(bytes) / 1e6, 2)) MB)"
            }
    }
}

extension DeviceOutcome {
    /// How it ended, in words that are the same for all that ended so.
    fileprivate var reason: String {
        if isWanted { return "in time" }
        guard code == "ok" else {
            // What is refused at the head needs no further reason.
            return detail.isEmpty || uploaded == 0 ? code : "\(code): \(detail)"
        }
        let late = (seconds - deadline) * 1e3
        return "answered too late, by \(late < 20 ? "less than 20 ms" : late < 100 ? "20-100 ms" : "100 ms or more")"
    }
}
