import JSONCoding
import ServingCore
import Testing

struct JSONDocumentTests {
    @Test func `A text over the byte limit is refused before it is parsed`() {
        let error = failure { _ = try parsed("not json at all", limits: JSONLimits(maximumBytes: 4)) }
        #expect(error?.code == .bodyTooLarge)
    }

    @Test func `A text with too many values is refused before it is parsed`() {
        let error = failure { _ = try parsed("[1,2,3,4", limits: JSONLimits(maximumNodes: 3)) }
        #expect(error?.code == .bodyTooLarge)
        #expect(failure { _ = try parsed("[1,2,3]", limits: JSONLimits(maximumNodes: 3)) } == nil)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "01", "nul", "[NaN]", "[1] x", "\u{FEFF}[]", "[\"\\ud800\"]",
        "[\"a\u{1}b\"]", "3",
        "[\"\\u0000\"]",
    ])
    func `What is not JSON is refused with its place`(text: String) {
        #expect(failure { _ = try parsed(text) }?.code == .malformedJSON)
    }

    @Test func `A syntax error names line and column`() {
        let error = failure { _ = try parsed("{\n  \"a\": 1,\n  \"b\" 2\n}") }
        #expect(error?.message.hasPrefix("line 3, column 7:") == true)
    }

    @Test func `Bytes that are not UTF-8 are refused`() {
        let error = failure {
            _ = try JSONDocument(parsing: ByteRegion(copying: Array("[\"a".utf8) + [0xC0, 0xAF, 0x22, 0x5D]))
        }
        #expect(error?.code == .malformedJSON)
    }

    @Test func `A key given twice is refused, also when one is escaped`() {
        #expect(failure { _ = try parsed(#"{"a":1,"a":2}"#) }?.code == .malformedJSON)
        #expect(failure { _ = try parsed(#"{"a":1,"\u0061":2}"#) }?.code == .malformedJSON)
    }

    @Test func `An integer over 64 bits is refused with its path and a way out`() {
        let error = failure { _ = try parsed(#"{"inputs":[{"data":[1,[2,18446744073709551615]]}]}"#) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "inputs[0].data[1][1]")
        #expect(error?.message.contains("binary") == true)
    }

    @Test func `A real over a double is refused with its path`() {
        let error = failure { _ = try parsed(#"{"a":{"b c":[0,"],{\"",1e999]}}"#) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == #"a["b c"][2]"#)
    }

    @Test func `Deep nesting is refused, not followed`() {
        let text = String(repeating: "[", count: 50_000)
        #expect(failure { _ = try parsed(text) }?.code == .malformedJSON)
    }
}
