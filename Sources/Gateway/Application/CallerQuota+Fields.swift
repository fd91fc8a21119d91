internal import ServingCore

extension CallerQuota {
    /// `RateLimit-Policy` and `RateLimit` of the policy called `caller` (draft-ietf-httpapi-ratelimit-headers-10).
    var fields: [(name: String, value: String)] {
        let unit = unit == .requests ? "" : #";qu="\#(unit.rawValue)""#
        let window = window > .zero ? ";w=\(max(Int(window.inSeconds.rounded(.up)), 1))" : ""
        let reset = max(Int(reset.inSeconds.rounded(.up)), 1)
        return [
            ("RateLimit-Policy", #""caller";q=\#(limit)\#(unit)\#(window)"#),
            ("RateLimit", #""caller";r=\#(left);t=\#(reset)"#),
        ]
    }
}
