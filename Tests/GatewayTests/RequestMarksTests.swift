import HTTPTransport
import Testing

@testable import Gateway

/// Which names of a request are taken from its client.
struct RequestMarksTests {
    private func marks(_ name: String, _ value: String) -> RequestMarks {
        RequestMarks(HeaderFields([(name, value)]))
    }

    @Test func `A request id of visible characters is taken as it is`() {
        #expect(marks("x-request-id", "a/7:B").requestID == "a/7:B")
        #expect(marks("X-Request-Id", String(repeating: "a", count: 128)).requestID?.count == 128)
    }

    @Test(arguments: ["", "a b", "é", String(repeating: "a", count: 129)])
    func `Any other is left out`(text: String) {
        #expect(marks("X-Request-Id", text).requestID == nil)
    }

    @Test func `A trace is known by its id`() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(marks("traceparent", "00-\(id)-00f067aa0ba902b7-01").traceID == id)
    }

    @Test(
        arguments: [
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4bf9-00f067aa0ba902b7-01", "nothing",
        ]
    )
    func `A traceparent that is none is left out`(text: String) {
        #expect(marks("traceparent", text).traceID == nil)
    }
}
