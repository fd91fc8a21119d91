import JSONCoding
import ServingCore
import TestSupport
import Testing

@testable import TraceReplay

@Suite struct TraceTests {
    private func parse(_ text: String) -> Result<Trace, ServingError> {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(ServingError) { return .success(try Trace(parsing: bytes)) } catch { return .failure(error) }
        }
    }

    @Test func `what is written is read again`() throws {
        let full = TraceRequest(
            arrival: 0.125,
            model: "resnet50-3",
            version: 2,
            device: "d7",
            timeout: 400,
            bodyBytes: 150_528,
            spectralEfficiency: 4.2,
            linkRate: 8e6
        )
        let plain = TraceRequest(arrival: 0.25, model: "m", device: "d1", timeout: 1)
        let text = [full, plain].map { String(decoding: $0.json().array, as: UTF8.self) }.joined(separator: "\n\n")
        #expect(try parse(text + "\n").get().requests == [full, plain])
    }

    @Test(arguments: [
        (#"{"at_s": 1, "model": "m"}"#, "line 1: timeout_ms"),
        (#"{"at_s": -1, "model": "m", "timeout_ms": 1}"#, "line 1: at_s"),
        (#"{"at_s": 1, "model": "a b", "timeout_ms": 1}"#, "line 1: model"),
        (#"{"at_s": 1, "model": "m", "timeout_ms": 0}"#, "line 1: timeout_ms"),
        (#"{"at_s": 1, "model": "m", "timeout_ms": 1, "link_bits_per_second": 0}"#, "line 1: link_bits_per_second"),
        (
            "{\"at_s\":2,\"model\":\"m\",\"timeout_ms\":1}\n{\"at_s\":1,\"model\":\"m\",\"timeout_ms\":1}",
            "line 2: at_s"
        ),
        ("\n{", "line 2"),
    ])
    func `a line that is wrong is named with its member`(text: String, field: String) {
        #expect(throws: ServingError.self) { try parse(text).get() }
        if case .failure(let error) = parse(text) { #expect(error.field == field, "\(error)") }
    }
}
