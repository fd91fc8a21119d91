/// Who shares the link out, and whether devices ask before they send.
struct LinkSetting: Hashable {
    /// `constant` or `varying`; nil leaves it to TCP, with admission that knows nothing of the uplink.
    var allocation: String?
    var asksFirst: Bool

    static let all = [true, false].flatMap { asks in
        ["varying", "constant", nil].map { LinkSetting(allocation: $0, asksFirst: asks) }
    }

    var name: String { allocation ?? "off: TCP's own sharing" }

    func configuration(bodyRate: Int, slack: Int, _ furtherKeys: [String]) -> String {
        let uplink =
            if let allocation {
                "  bits_per_second: \(bodyRate)\n  allocation: \(allocation)\n"
                    + furtherKeys.map { "  \($0)\n" }.joined()
            } else {
                "  learn_links: false\n  assumed_link_bits_per_second: \(bodyRate)\n"
            }
        // Deadlines count from before the connection: the way there and back comes off.
        return "uplink:\n\(uplink)scheduling:\n  slack_ms: \(slack)\nlog:\n  level: error\n"
    }
}
