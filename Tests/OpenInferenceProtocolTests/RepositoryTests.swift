import JSONCoding
import OpenInferenceProtocol
import ServingCore
import Testing

struct RepositoryTests {
    private func body(_ text: String) -> ByteRegion { ByteRegion(copying: text.utf8) }

    @Test func `An index lists every model, or the ready ones`() throws {
        let index = RepositoryIndex(entries: [
            .init(name: "a", version: 1, state: .ready),
            .init(name: "b", version: 2, state: .unavailable, reason: "not loaded"),
        ])
        #expect(
            text(index.json())
                == #"[{"name":"a","version":"1","state":"READY","reason":""},"#
                + #"{"name":"b","version":"2","state":"UNAVAILABLE","reason":"not loaded"}]"#
        )
        let all = try RepositoryIndexRequest(body: .empty)
        #expect(index.answering(all).entries.count == 2)
        let ready = try RepositoryIndexRequest(body: body(#"{"ready":true}"#))
        #expect(index.answering(ready).entries.map(\.name) == ["a"])
        #expect(failure { _ = try RepositoryIndexRequest(body: body(#"{"ready":1}"#)) }?.field == "ready")
    }

    @Test(arguments: ["", "{}", #"{"parameters":{}}"#])
    func `A load without overrides is read`(text: String) {
        #expect(failure { _ = try RepositoryLoadRequest(body: body(text)) } == nil)
    }

    @Test(arguments: ["config", "file:1/model.onnx"])
    func `A load with overrides is not implemented`(name: String) {
        let error = failure { _ = try RepositoryLoadRequest(body: body("{\"parameters\":{\"\(name)\":\"\"}}")) }
        #expect(error?.code == .notImplemented)
    }

    @Test(arguments: [#"{"parameters":{"other":1}}"#, "[]", "{"])
    func `A load with anything else is refused`(text: String) {
        #expect(failure { _ = try RepositoryLoadRequest(body: body(text)) }?.code.httpStatus == 400)
    }

    @Test func `An unload as tritonclient sends it is read`() throws {
        let request = try RepositoryUnloadRequest(body: body(#"{"parameters":{"unload_dependents":false}}"#))
        #expect(!request.unloadsDependents)
        #expect(try !RepositoryUnloadRequest(body: .empty).unloadsDependents)
        let error = failure { _ = try RepositoryUnloadRequest(body: body(#"{"parameters":{"unload_dependents":0}}"#)) }
        #expect(error?.field == "parameters.unload_dependents")
    }
}
