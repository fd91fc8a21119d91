/// Variables that Kubernetes sets for each service in a namespace: `GATEWAY_SERVICE_HOST`, `GATEWAY_PORT_80_TCP_ADDR`,
/// and `GATEWAY_PORT` as `tcp://10.0.0.1:80`.
enum ServiceLink {
    /// Whether a variable is one of them, by its form.
    static func matches(_ name: String, _ value: String) -> Bool {
        if ["tcp://", "udp://", "sctp://"].contains(where: value.hasPrefix) { return true }
        let words = name.split(separator: "_")
        for (index, word) in words.enumerated() where index + 1 < words.count {
            let next = words[index + 1]
            if word == "SERVICE", next == "HOST" || next == "PORT" { return true }
            if word == "PORT", next.utf8.allSatisfy({ (48...57).contains($0) }), index + 2 < words.count,
                ["TCP", "UDP", "SCTP"].contains(words[index + 2])
            {
                return true
            }
        }
        return false
    }
}
