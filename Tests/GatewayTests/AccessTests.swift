import Foundation
import HTTPTransport
import ServingCore
import TestSupport
import Testing

@testable import Gateway

/// Who sees what where keys are configured, and what pages of other sites may not do.
@Suite(.timeLimit(.minutes(1))) struct AccessTests {
    private let store: FakeStore
    /// The keys "test" and "abc" (FIPS 180-2, appendix B.1), and "foo".
    private let keys = [
        "camera 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "door ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad infer",
        "boss 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae admin",
    ].compactMap { CallerKey($0) }
    private let camera = "Authorization: Bearer test"
    private let door = "Authorization: Bearer abc"
    private let boss = "Authorization: Bearer foo"

    init() throws {
        store = try FakeStore()
        try store.add("cat", ["cat"])
    }

    private func requestID(in answer: RawSocketResponse) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let parameters = object?["parameters"] as? [String: Any]
        return try #require((parameters?["request_id"] ?? object?["request_id"]) as? String)
    }

    @Test func `with keys, what the gateway is at is shown to holders of the scope read alone`() throws {
        let gateway = try InProcessGateway(store, keys: keys)
        for path in ["/metrics", "/v1/status", "/v1/plan", "/v1/blocks", "/v2/models/stats"] {
            #expect(try gateway.ask("GET", path).status == 401, "\(path)")
            #expect(try gateway.ask("GET", path, door).status == 403, "\(path)")
            #expect(try gateway.ask("GET", path, camera).status == 200, "\(path)")
        }
        #expect(try gateway.ask("POST", "/v1/plan", body: "{}").status == 401)
        for path in ["/", "/v2/health/live", "/v2/health/ready"] {
            #expect(try gateway.ask("GET", path).status == 200, "\(path)")
        }
    }

    @Test func `reading is open where that is said, decisions are not`() throws {
        let gateway = try InProcessGateway(store, keys: keys) { $0.callers.protectsReading = false }
        #expect(try gateway.ask("GET", "/metrics").status == 200)
        #expect(try gateway.ask("GET", "/v1/requests/1").status == 401)
    }

    @Test func `a caller sees its own requests, one with the scope admin everybody's`() throws {
        let gateway = try InProcessGateway(store, keys: keys)
        let served = try requestID(in: gateway.infer("cat", camera))
        let refused = try requestID(in: gateway.infer("nothing", camera))
        for id in [served, refused] {
            #expect(try gateway.ask("GET", "/v1/requests/\(id)", camera).status == 200)
            #expect(try gateway.ask("GET", "/v1/requests/\(id)", boss).status == 200)
            let others = try gateway.ask("GET", "/v1/requests/\(id)", door)
            let missing = try gateway.ask("GET", "/v1/requests/7", door)
            #expect(others.status == 404 && missing.status == 404)
            #expect(
                others.text.replacing(id, with: "7").replacing(/"(request_id|instance)":"[^"]*"/, with: "")
                    == missing.text.replacing(/"(request_id|instance)":"[^"]*"/, with: "")
            )
        }
    }

    @Test func `numbers of requests go up, and with keys one does not tell the next`() {
        let plain = RequestNumbers(isGuessable: true)
        #expect((0..<3).map { _ in plain.next().rawValue } == [1, 2, 3])
        let secret = RequestNumbers(isGuessable: false)
        let numbers = (0..<1000).map { _ in secret.next().rawValue }
        #expect(numbers == numbers.sorted())
        let steps = Set(zip(numbers, numbers.dropFirst()).map { $1 - $0 })
        #expect(steps.count > 900)
        #expect(Set(numbers.map { $0 & 0xFF }).count > 200)
    }

    @Test(arguments: [
        ["Origin: http://elsewhere"], ["Origin: null"], ["Origin: http://here:81"], ["Sec-Fetch-Site: cross-site"],
        ["Sec-Fetch-Site: same-site"], ["Origin: http://here", "Sec-Fetch-Site: cross-site"], ["Origin: file://here"],
    ])
    func `a page of another site can change nothing and run nothing`(fields: [String]) throws {
        let gateway = try InProcessGateway(store)
        for path in [
            "/v2/repository/models/cat/load", "/v2/repository/models/cat/unload", "/v1/plan", "/v2/models/cat/infer",
        ] {
            let answer = try gateway.send("POST", path, body: InProcessGateway.tensor, fields).readResponse()
            #expect(answer.status == 403 && answer.text.contains(#""code":"forbidden""#), "\(path): \(answer.text)")
        }
        #expect(try gateway.send("GET", "/v2/health/ready", body: "", fields).readResponse().status == 200)
    }

    @Test(arguments: [
        [], ["Origin: http://here"], ["Origin: HTTP://HERE:80"], ["Sec-Fetch-Site: none"],
        ["Origin: https://here", "Sec-Fetch-Site: same-origin"],
    ])
    func `pages of its own and clients that are no pages can`(fields: [String]) throws {
        let gateway = try InProcessGateway(store)
        let answer = try gateway.send("POST", "/v2/models/cat/infer", body: InProcessGateway.tensor, fields)
            .readResponse()
        #expect(answer.status == 200, "\(answer.text)")
    }
}
