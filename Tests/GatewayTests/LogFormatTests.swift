import JSONCoding
import Logging
import ServingCore
import Testing

@testable import Gateway

/// Log lines for people and for programs.
struct LogFormatTests {
    private func line(_ format: LogFormat, _ fields: Logger.Metadata) -> String {
        let event = LogEvent(
            level: .warning,
            message: "a \"thing\" happened",
            error: nil,
            metadata: nil,
            source: "Gateway",
            file: "",
            function: "",
            line: 0
        )
        return format.line(event, label: "gateway", fields: fields)
    }

    @Test func `Text has the fields before the message`() {
        let text = line(.text, ["b": "2", "a": "1"])
        #expect(text.hasSuffix(" warning gateway: a=1 b=2 [Gateway] a \"thing\" happened"))
    }

    @Test func `An object has the fields beside the message, and no name twice`() throws {
        let text = line(.json, ["model": "m:1", "message": "x\ny"])
        let bytes = ByteRegion(copying: Array(text.utf8))
        let value = try JSONDocument(parsing: bytes).root
        #expect(try value.member("level").string() == "warning")
        #expect(try value.member("message").string() == "a \"thing\" happened")
        #expect(try value.member("message_").string() == "x\ny")
        #expect(try value.member("model").string() == "m:1")
    }
}
