import HTTPTransport
import Testing

@testable import Gateway

/// Pages of other sites that may ask.
struct CrossOriginRuleTests {
    private func head(_ method: String, _ fields: [(String, String)]) -> RequestHead {
        RequestHead(method: method, path: "/v2/models/digits/infer", headers: HeaderFields(fields))
    }

    private func fields(_ rule: String, from origin: String?) -> [String] {
        let head = head("POST", origin.map { [("Origin", $0)] } ?? [])
        return CrossOriginRule(rule).fields(for: head).map { "\($0.name): \($0.value)" }
    }

    @Test func `Without a rule nothing is said, and no page may`() {
        #expect(fields("", from: "https://a.example").isEmpty)
        #expect(!CrossOriginRule("").allows(head("POST", [("Origin", "https://a.example")])))
    }

    @Test func `An origin that is named is answered by its name, another is not`() {
        let rule = "https://a.example, https://b.example:8443"
        #expect(
            fields(rule, from: "https://b.example:8443").first == "Access-Control-Allow-Origin: https://b.example:8443"
        )
        #expect(fields(rule, from: "https://b.example") == ["Vary: Origin"])
        #expect(fields(rule, from: "null") == ["Vary: Origin"])
        #expect(fields(rule, from: nil) == ["Vary: Origin"])
    }

    @Test func `A star names all, as a star`() {
        #expect(fields("*", from: "https://a.example").first == "Access-Control-Allow-Origin: *")
        #expect(fields("*", from: nil).isEmpty)
    }

    @Test func `A question before a request is answered for callers that may`() {
        let rule = CrossOriginRule("https://a.example")
        let asks = ("Access-Control-Request-Method", "POST")
        #expect(rule.preflight(head("OPTIONS", [("Origin", "https://a.example"), asks]))?.status == 204)
        #expect(rule.preflight(head("OPTIONS", [("Origin", "https://c.example"), asks])) == nil)
        #expect(rule.preflight(head("OPTIONS", [("Origin", "https://a.example")])) == nil)
        #expect(rule.preflight(head("POST", [("Origin", "https://a.example"), asks])) == nil)
    }

    @Test func `Only origins are taken for origins`() {
        for text in ["", "*", "http://localhost:3000", "https://a.example,http://b.example"] {
            #expect(CrossOriginRule.isValid(text), "\(text)")
        }
        for text in ["a.example", "https://a.example/", "https://", "ftp://a.example", "https://a@b"] {
            #expect(!CrossOriginRule.isValid(text), "\(text)")
        }
    }
}
