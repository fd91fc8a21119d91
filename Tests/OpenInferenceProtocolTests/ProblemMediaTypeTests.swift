import OpenInferenceProtocol
import Testing

struct ProblemMediaTypeTests {
    @Test(arguments: ["/v2", "/v2/", "/v2/models/a/infer"])
    func `Under v2 an error is JSON, unless problem details are preferred`(path: String) {
        for accept in [
            [], ["*/*"], [""], ["application/json"], ["application/json, application/problem+json"],
            ["application/problem+json;q=0"], ["application/problem+json;q=0.5", "application/json"],
            ["application/problem+json;q=x, */*"], ["text/plain"], [",;,"],
        ] {
            #expect(ProblemMediaType(path: path, accepting: accept) == .json, "\(accept)")
        }
        for accept in [
            ["application/problem+json"], ["application/problem+json, */*"], ["*/*, Application/Problem+JSON"],
            ["application/json;q=0.9, application/problem+json"], ["application/problem+json", "application/json"],
            ["text/html", " application/problem+json ; q=1"],
        ] {
            #expect(ProblemMediaType(path: path, accepting: accept) == .problem, "\(accept)")
        }
    }

    @Test(arguments: ["/", "/v1/plan", "/v20", "/v3/models", nil])
    func `Elsewhere an error is problem details`(path: String?) {
        #expect(ProblemMediaType(path: path, accepting: ["application/json"]) == .problem)
    }
}
