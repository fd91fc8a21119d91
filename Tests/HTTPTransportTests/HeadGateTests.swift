import ServingCore
import Testing

@testable import HTTPTransport

/// The gate's rules on heads that no socket carried.
struct HeadGateTests {
    private func facts(
        _ headers: [(name: String, value: String)] = [("Host", "a")],
        method: String = "POST",
        path: String = "/v2",
        query: String? = nil,
        version: String = "HTTP/1.1"
    ) -> HeadFacts {
        HeadFacts(method: method, path: path, query: query, version: version, headers: HeaderFields(headers))
    }

    private func refusal(_ facts: HeadFacts, gate: HeadGate = HeadGate()) -> ServingError? {
        do throws(ServingError) {
            _ = try gate.check(facts)
            return nil
        } catch {
            return error
        }
    }

    @Test func `A plain head passes with its length`() throws {
        #expect(try HeadGate().check(facts([("Host", "a:80"), ("Content-Length", "12")])) == 12)
        #expect(try HeadGate().check(facts([("Host", "[::1]:80"), ("content-length", "0")])) == 0)
        #expect(try HeadGate().check(facts()) == nil)
    }

    @Test(arguments: [
        "text/plain; q=0.5, */*", "tab\there", "caf\u{E9}", "",
    ])
    func `Values may hold any visible text`(value: String) {
        #expect(refusal(facts([("Host", "a"), ("X-Any", value)])) == nil)
    }

    @Test(arguments: Array(0...31) + [127])
    func `Control characters in values are refused, but for the tab`(byte: Int) {
        let value = "a" + String(UnicodeScalar(UInt8(byte))) + "b"
        let refused = refusal(facts([("Host", "a"), ("X-Any", value)]))
        #expect(refused?.code == (byte == 9 ? nil : .malformedHTTP))
        if byte != 9 { #expect(refused?.field == "X-Any") }
    }

    @Test func `Names are tokens`() {
        let separators = Set("\"(),/:;<=>?@[\\]{} \t\u{7F}")
        for byte in UInt8(0)...255 {
            var fields = HeaderFields([("Host", "a")])
            fields.append(name: [UInt8(ascii: "X"), byte].span, value: [UInt8](repeating: 49, count: 1).span)
            var head = facts()
            head.headers = fields
            let isToken = byte > 32 && byte < 127 && !separators.contains(Character(UnicodeScalar(byte)))
            #expect((refusal(head) == nil) == isToken, "byte \(byte)")
        }
        #expect(refusal(facts([("Host", "a"), ("", "b")]))?.code == .malformedHTTP)
    }

    @Test(arguments: ["HTTP/1.2", "HTTP/1.9", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.10", ""])
    func `Other versions are refused`(version: String) {
        #expect(refusal(facts(version: version))?.code == .malformedHTTP)
    }

    @Test func `HTTP 1.0 needs no Host, but takes one at most`() {
        #expect(refusal(facts([], version: "HTTP/1.0")) == nil)
        #expect(refusal(facts([("Host", "a"), ("Host", "a")], version: "HTTP/1.0"))?.code == .malformedHTTP)
        #expect(refusal(facts([]))?.code == .malformedHTTP)
    }

    @Test(arguments: ["a, b", "a b", "a@b", "a/b", "\"a\"", "a\tb"])
    func `A Host that two readers could take apart differently is refused`(host: String) {
        #expect(refusal(facts([("Host", host)]))?.code == .malformedHTTP)
    }

    @Test(arguments: ["+5", "-1", "5 5", "5, 5", "0x5", "", "5\t", "5 ", "１", "5a"])
    func `A length is digits only`(value: String) {
        let refused = refusal(facts([("Host", "a"), ("Content-Length", value)]))
        #expect(refused?.code == .malformedHTTP)
        #expect(refused?.field == "Content-Length")
    }

    @Test(arguments: ["67108865", "18446744073709551615", "18446744073709551616", "99999999999999999999999999"])
    func `A length over the limit is refused as such`(value: String) {
        #expect(refusal(facts([("Host", "a"), ("Content-Length", value)]))?.code == .bodyTooLarge)
    }

    @Test func `The largest body is taken`() throws {
        #expect(try HeadGate().check(facts([("Host", "a"), ("Content-Length", "67108864")])) == 64 << 20)
        #expect(try HeadGate().check(facts([("Host", "a"), ("Content-Length", "0067108864")])) == 64 << 20)
    }

    @Test(arguments: [
        ("Transfer-Encoding", "chunked", ServingError.Code.lengthRequired),
        ("transfer-encoding", "", .lengthRequired),
        ("Expect", "200-ok", .expectationFailed),
        ("Expect", "100-continue, x", .expectationFailed),
        ("Content-Encoding", "gzip", .unsupportedEncoding),
        ("Content-Encoding", "identity, gzip", .unsupportedEncoding),
    ])
    func `Framing that is not spoken here is refused`(name: String, value: String, code: ServingError.Code) {
        #expect(refusal(facts([("Host", "a"), (name, value)]))?.code == code)
    }

    @Test func `The default codings and expectations are taken`() {
        #expect(refusal(facts([("Host", "a"), ("Expect", "100-Continue"), ("Content-Encoding", "Identity")])) == nil)
    }

    @Test(arguments: ["Content-Length", "Host", "Authorization"])
    func `Fields that decide something may come once`(name: String) {
        let twice = [("Host", "a"), (name, "1"), (name.lowercased(), "1")]
        #expect(refusal(facts(twice))?.code == .malformedHTTP)
    }

    @Test func `There are limits to number and size of fields`() {
        let many = (0..<64).map { (name: "X-\($0)", value: "1") }
        #expect(refusal(facts([("Host", "a")] + many.dropLast())) == nil)
        #expect(refusal(facts([("Host", "a")] + many))?.code == .headTooLarge)
        let long = String(repeating: "x", count: 17 << 10)
        #expect(refusal(facts([("Host", "a"), ("X", long)]))?.code == .headTooLarge)
    }

    @Test(arguments: [
        "/", "/v2/models/a.b/infer", "/...", "/a..b", "/..a/x", "/%41", "/%2e", "/~a!$&'()*+,;=:@", "*", "//a",
    ])
    func `Ordinary paths pass`(path: String) {
        #expect(refusal(facts(path: path)) == nil)
    }

    @Test(arguments: [
        "", "v2", "/..", "/../a", "/a/..", "/a/../b", "/%2e%2e", "/.%2E/a", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b",
        "/%00",
        "/a%1f", "/%7f", "/a%", "/a%2", "/a%zz", "/a b", "/a\u{1}", "/caf\u{E9}", "/a#b", "http://host/a",
    ])
    func `Paths that two readers could resolve differently are refused`(path: String) {
        #expect(refusal(facts(path: path))?.code == .malformedHTTP)
    }

    @Test func `Queries may hold dots and encoded slashes, but no controls`() {
        #expect(refusal(facts(query: "a=../b&c=%2f")) == nil)
        for query in ["a=%00", "a b", "%", "\u{7F}"] {
            #expect(refusal(facts(query: query))?.code == .malformedHTTP)
        }
    }

    @Test func `A target has a longest length, with its query`() {
        let half = String(repeating: "a", count: 2048)
        #expect(refusal(facts(path: "/" + half.dropFirst(), query: half)) == nil)
        #expect(refusal(facts(path: "/" + half, query: half))?.code == .headTooLarge)
    }

    @Test(arguments: ["GET", "M-SEARCH", "x"])
    func `Any token is a method`(method: String) {
        #expect(refusal(facts(method: method)) == nil)
        #expect(refusal(facts(method: method + " "))?.code == .malformedHTTP)
    }

    @Test(arguments: [
        ("http://host/a/b", "/a/b"), ("HTTP://host", "/"), ("http://host?x", "/"), ("/a", "/a"), ("*", "*"),
        ("https://host/a", "https://host/a"), ("host:80", "host:80"), ("http://", "http://"),
    ])
    func `The absolute form of a target stands for its path`(target: String, path: String) {
        #expect(HeadFacts.originForm(target) == path)
    }
}
