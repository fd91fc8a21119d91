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
        #expect(failure { _ = try parsed("[1,2]", limits: JSONLimits(maximumNodes: 3)) } == nil)
    }

    @Test func `A picture's numbers are no values of the limit, and little memory is asked for to read them`() throws {
        let numbers = (0..<150_528).map { "0.\($0)" }.joined(separator: ",")
        let text = ByteRegion(copying: #"{"inputs":[{"data":[\#(numbers)]}]}"#.utf8)
        var charged = 0
        let document = try JSONDocument(parsing: text, limits: JSONLimits(maximumNodes: 100)) { charged += $0 }
        let data = try document.root.member("inputs").elements().first { _ in true }?.member("data")
        #expect(try data?.tensorData(datatype: .float32, shape: [1, 3, 224, 224]).count == 4 * 150_528)
        #expect((2_000_000..<4_000_000).contains(charged))
    }

    @Test func `A text whose values would take more memory than there is, is not read`() {
        let text = ByteRegion(copying: ("[" + String(repeating: "{},", count: 100_000) + "{}]").utf8)
        var charged = 0
        let error = failure {
            _ = try JSONDocument(parsing: text) { bytes throws(ServingError) in
                charged += bytes
                guard charged < 10_000_000 else { throw ServingError(.queueFull, "full") }
            }
        }
        #expect(error?.code == .queueFull)
    }

    @Test(arguments: [
        ("{\"a\":1", "line 1, column 6: the text ends in the middle of a value"),
        ("{\"a\":1} x", "line 1, column 9: there is more text after the end of the value"),
        ("{\"a\":1,\n\"a\":2}", "a key is given twice in one object"),
        ("{\"a\":\"\\u0000\"}", "a string holds the character U+0000"), ("{\"a\":nul}", "this is not valid JSON"),
    ])
    func `What is wrong is said in words of our own`(text: String, said: String) {
        let error = failure { _ = try parsed(text) }
        #expect(error?.message.hasSuffix(said) == true, "\(error?.message ?? "")")
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
        let error = failure { _ = try parsed(#"{"inputs":[{"parameters":{"a":18446744073709551615}}]}"#) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "inputs[0].parameters.a")
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
