internal import ServingCore

extension UplinkQuota {
    /// `RateLimit-Policy` and `RateLimit` in units of `content-bytes` (draft-ietf-httpapi-ratelimit-headers-10).
    var fields: [(name: String, value: String)] {
        let seconds = max(Int(window.inSeconds.rounded(.up)), 1)
        let reset = max(Int(reset.inSeconds.rounded(.up)), 0)
        return [
            ("RateLimit-Policy", #""uplink";q=\#(windowBytes.rawValue);qu="content-bytes";w=\#(seconds)"#),
            ("RateLimit", #""uplink";r=\#(min(freeBytes, windowBytes).rawValue);t=\#(reset)"#),
        ]
    }
}
