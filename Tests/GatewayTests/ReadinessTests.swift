import Foundation
import ServingCore
import TestSupport
import Testing

@testable import Gateway

/// Index, readiness, refusals, status and metrics tell the same of a model that cannot be served.
@Suite(.timeLimit(.minutes(1))) struct ReadinessTests {
    private let store: FakeStore
    private let damaged = ServingError(.modelUnavailable, "block 1234 is damaged")

    init() throws {
        store = try FakeStore()
        try store.add("cat", ["cat"])
        try store.add("dog", ["dog"])
    }

    private func expectUnavailable(_ gateway: InProcessGateway, _ model: String, _ code: String, because reason: String)
        throws
    {
        let told = try #require(try gateway.index()["\(model):1"])
        #expect(told.hasPrefix("UNAVAILABLE: ") && told.contains(reason), "\(told)")
        #expect(!told.contains(store.folder), "\(told)")
        for answer in [try gateway.ask("GET", "/v2/models/\(model)/ready"), try gateway.infer(model)] {
            #expect(answer.status == 503 && answer.text.contains(reason), "\(answer.text)")
            #expect(answer.text.contains(#""code":"\#(code)""#), "\(answer.text)")
            #expect(!answer.text.contains(store.folder), "\(answer.text)")
        }
        let status = try gateway.ask("GET", "/v1/status").text
        #expect(status.contains(#""model":"\#(model)","version":"1","state":"UNAVAILABLE","reason":""#), "\(status)")
        let metrics = try gateway.ask("GET", "/metrics").text
        #expect(metrics.contains(#"gateway_model_ready{model="\#(model)",version="1"} 0"#), "\(metrics)")
    }

    private func expectReady(_ gateway: InProcessGateway, _ model: String) throws {
        #expect(try gateway.index()["\(model):1"] == "READY")
        #expect(try gateway.ask("GET", "/v2/models/\(model)/ready").status == 200)
        #expect(try gateway.infer(model).status == 200)
        #expect(
            try gateway.ask("GET", "/metrics").text.contains(#"gateway_model_ready{model="\#(model)",version="1"} 1"#)
        )
    }

    @Test func `a damaged block shows at the first load and is well again after an import and a load`() throws {
        let engine = FaultyEngine()
        let gateway = try InProcessGateway(store, engine: engine)
        engine.fail("cat", with: damaged)
        try expectReady(gateway, "dog")
        #expect(try gateway.index()["cat:1"] == "READY", "nobody can know yet")
        let first = try gateway.infer("cat")
        #expect(first.status == 503 && first.text.contains("damaged"), "\(first.text)")
        try expectUnavailable(gateway, "cat", "model_unavailable", because: "block 1234 is damaged")
        try expectReady(gateway, "dog")
        #expect(try gateway.load("cat").status == 503)
        engine.fail("cat", with: nil)
        #expect(try gateway.load("cat").status == 200)
        try expectReady(gateway, "cat")
    }

    @Test(arguments: ["missing block", "short block", "manifest"])
    func `what the store shows is told from the start on, and until it is repaired`(what: String) throws {
        switch what {
        case "missing block": try FileManager.default.removeItem(atPath: store.file(ofBlock: "cat"))
        case "short block": try store.overwrite(store.file(ofBlock: "cat"), with: "c")
        default: try store.overwrite(store.manifest("cat"), with: "{}")
        }
        let gateway = try InProcessGateway(store)
        try expectUnavailable(gateway, "cat", "model_unavailable", because: "cat:1")
        try expectReady(gateway, "dog")
        #expect(try gateway.load("cat").status == 503)
        try store.add("cat", ["cat"])
        #expect(try gateway.load("cat").status == 200)
        try expectReady(gateway, "cat")
    }

    @Test func `a block that vanishes is told from the next load on`() throws {
        let gateway = try InProcessGateway(store)
        try expectReady(gateway, "cat")
        try FileManager.default.removeItem(atPath: store.file(ofBlock: "cat"))
        #expect(try gateway.load("dog").status == 200)
        try expectUnavailable(gateway, "cat", "model_unavailable", because: "cat:1")
        try store.add("cat", ["cat"])
        #expect(try gateway.load("dog").status == 200)
        try expectReady(gateway, "cat")
    }

    @Test func `a model over the memory cap is told at once`() throws {
        try store.add("whale", ["whale"], bytes: 100)
        let gateway = try InProcessGateway(store) { $0.memory = 99 }
        try expectUnavailable(gateway, "whale", "memory_unavailable", because: "takes 100 bytes")
        #expect(try gateway.load("whale").status == 503)
        try expectReady(gateway, "cat")
    }

    @Test func `the gateway is ready while it can serve a model, or has none`() throws {
        let empty = try InProcessGateway(try FakeStore())
        #expect(try empty.ask("GET", "/v2/health/ready").status == 200)
        let gateway = try InProcessGateway(store) { $0.memory = 5 }
        let answer = try gateway.ask("GET", "/v2/health/ready")
        #expect(answer.status == 503 && answer.text.contains("not one of the models"), "\(answer.text)")
        #expect(try gateway.ask("GET", "/v2/health/live").status == 200)
    }

    @Test func `the newest version answers or none does`() throws {
        try store.add("cat", version: 2, ["cat-2"])
        try store.overwrite(store.manifest("cat", version: 2), with: "{}")
        let gateway = try InProcessGateway(store)
        #expect(try gateway.infer("cat").status == 503)
        #expect(try gateway.infer("cat/versions/1").status == 200)
    }
}
