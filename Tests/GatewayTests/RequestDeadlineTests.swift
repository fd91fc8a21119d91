import ServingCore
import Testing

@testable import Gateway

struct RequestDeadlineTests {
    private func shortest(_ headers: [String: String]) throws(ServingError) -> Duration? {
        try RequestDeadline.shortest { headers[$0].map { [$0] } ?? [] }
    }

    @Test func `Without a header there is no deadline`() throws {
        #expect(try shortest([:]) == nil)
    }

    @Test func `The smallest of several deadlines counts`() throws {
        let headers = ["Inference-Timeout-Ms": "400", "grpc-timeout": "250m", "x-envoy-expected-rq-timeout-ms": "900"]
        #expect(try shortest(headers) == .milliseconds(250))
    }

    @Test(arguments: [
        ("2H", Duration.seconds(7200)), ("3M", .seconds(180)), ("4S", .seconds(4)), ("5m", .milliseconds(5)),
        ("6u", .microseconds(6)), ("99999999n", .nanoseconds(99_999_999)),
    ])
    func `Every unit of grpc-timeout is read`(text: String, expected: Duration) throws {
        #expect(try shortest(["grpc-timeout": text]) == expected)
    }

    @Test func `A header that is given twice is refused`() {
        let error = #expect(throws: ServingError.self) { try RequestDeadline.shortest { _ in ["5", "6"] } }
        #expect(error?.field == "Inference-Timeout-Ms")
    }

    @Test(arguments: ["0", "-5", "+5", "1.5", "", " 5", "5 ", "1e3", "9999999999999999", "abc", "٣"])
    func `A timeout that is no number above zero is refused by its header's name`(text: String) {
        let error = #expect(throws: ServingError.self) { try shortest(["Inference-Timeout-Ms": text]) }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "Inference-Timeout-Ms")
    }

    @Test(arguments: ["", "5", "m", "123456789m", "5x", "0S", "-1S"])
    func `A grpc-timeout that does not follow its grammar is refused`(text: String) {
        #expect(throws: ServingError.self) { try shortest(["grpc-timeout": text]) }
    }
}
