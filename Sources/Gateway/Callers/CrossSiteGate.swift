internal import HTTPTransport
internal import ServingCore

/// Keeps pages of other sites from having a browser write here: a browser says in these fields where a request comes from.
///
/// `Sec-Fetch-Site` has to say that it is from here or from no page; `Origin` has to name the host the request is sent to.
/// Clients that are no browsers send neither.
struct CrossSiteGate: Sendable {
    /// Whose pages may write here all the same.
    var allowing = CrossOriginRule("")

    /// Throws where a request that may change something comes from a page of another site.
    ///
    /// - Throws: ``ServingError/Code/forbidden``.
    func check(_ head: RequestHead) throws(ServingError) {
        guard head.method != "GET", head.method != "HEAD", !allowing.allows(head) else { return }
        if let site = head.headers.first("Sec-Fetch-Site"), site != "same-origin", site != "none" {
            throw Self.refusal(of: "Sec-Fetch-Site")
        }
        guard let origin = head.headers.first("Origin") else { return }
        guard let host = head.headers.first("Host"), Self.authority(of: origin) == Self.normal(host) else {
            throw Self.refusal(of: "Origin")
        }
    }

    private static func refusal(of field: String) -> ServingError {
        ServingError(.forbidden, "a page of another site may not ask for this", field: field)
    }

    /// Host and port of an origin; nil for `null` and anything else that names none.
    private static func authority(of origin: String) -> String? {
        let origin = origin.lowercased()
        for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
            return normal(String(origin.dropFirst(scheme.count)))
        }
        return nil
    }

    /// A host without the port that a browser leaves out.
    private static func normal(_ host: String) -> String {
        let host = host.lowercased()
        for port in [":80", ":443"] where host.hasSuffix(port) { return String(host.dropLast(port.count)) }
        return host
    }
}
