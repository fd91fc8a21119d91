import JSONCoding
import OpenInferenceProtocol
import ServingCore
import Testing

struct ProblemReportTests {
    @Test func `A refusal for time carries the breakdown against the deadline`() {
        let error = ServingError(
            .deadlineUnreachable,
            "it would take too long",
            retryAfter: .milliseconds(1_500),
            breakdown: LatencyBreakdown(
                upload: .milliseconds(12),
                wait: .microseconds(3_500),
                load: .zero,
                compute: .nanoseconds(1_234_567)
            ),
            deadline: .milliseconds(10),
            earliestDeadline: .microseconds(16_735)
        )
        #expect(
            text(ProblemReport(error: error, request: RequestID(rawValue: 7)).json())
                == #"{"type":"about:blank","title":"Gateway Timeout","status":504,"detail":"it would take too long","#
                + #""instance":"/v1/requests/7","request_id":"7","error":"it would take too long","#
                + #""code":"deadline_unreachable","retry_after_s":1.5,"#
                + #""breakdown":{"upload_ms":12,"wait_ms":3.5,"load_ms":0,"compute_ms":1.234,"deadline_ms":10,"#
                + #""earliest_deadline_ms":16.735}}"#
        )
    }

    @Test func `A malformed request is told the field`() {
        let error = ServingError(.invalidField, "no \"x\"", field: "inputs[0].name")
        #expect(
            text(ProblemReport(error: error).json())
                == #"{"type":"about:blank","title":"Bad Request","status":400,"detail":"no \"x\"","#
                + #""error":"inputs[0].name: no \"x\"","code":"invalid_field","field":"inputs[0].name"}"#
        )
    }

    @Test(arguments: ServingError.Code.allCases)
    func `Every code has a status, a title and an error member`(code: ServingError.Code) throws {
        let root = try JSONDocument(parsing: ProblemReport(error: ServingError(code, "m")).json()).root
        #expect(try root.member("status").int64() == Int64(code.httpStatus))
        #expect(try root.member("title").string() != "Error")
        #expect(try root.member("error").string() == "m")
        #expect(try root.member("code").string() == code.rawValue)
    }
}
