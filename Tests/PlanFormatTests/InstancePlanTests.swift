import JSONCoding
import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport
import Testing

struct InstancePlanTests {
    @Test func `an instance is read into dense indices, and the ids lead back`() throws {
        let plan = try InstanceText.parse(InstanceText.valid)
        #expect(plan.seed == 7)
        #expect(plan.blockIDs == ["r.base", "r.v0", "r.v1"])
        #expect(plan.modelIDs == ["m-0", "m-1"])
        #expect(plan.requestIDs == ["u0", "u1", "u2"])
        let server = plan.problem.server
        #expect(server.reuse == .consecutive && !server.overlap)
        #expect(server.memoryBytes == 100 && server.uplink == Hertz(2e6))
        #expect(server.blocks.map(\.bytes) == [40, 60, 50])
        #expect(server.blocks.map(\.loadSeconds) == [0.25, 0.5, 0.125])
        #expect(server.models.map(\.blocks) == [[0, 1], [0, 2]])
        #expect(server.models[1].seconds(batch: 2) == 1)
        #expect(plan.problem.state.resident.indices == [0])
        #expect(plan.problem.requests.map(\.model) == [0, 1, 0])
        #expect(plan.problem.requests.map(\.weight) == [1, 2.5, 1])
        #expect(plan.problem.requests[1].uplinkWork == 800_000)
        #expect(plan.problem.requests.map(\.deadline) == [2, 4, 0.5])
    }

    @Test func `shares are constant unless it says that they vary`() throws {
        #expect(try InstanceText.parse(InstanceText.valid).problem.server.shares == .constant)
        for shares in EdgeServer.Shares.allCases {
            let text = InstanceText.replacing("\"overlap\"", by: "\"shares\": \"\(shares.rawValue)\", \"overlap\"")
            #expect(try InstanceText.parse(text).problem.server.shares == shares)
        }
    }

    @Test(arguments: EdgeServer.Reuse.allCases, [true, false])
    func `every mode is read`(reuse: EdgeServer.Reuse, overlap: Bool) throws {
        let text = InstanceText.replacing(
            "\"consecutive\", \"overlap\": false",
            by: "\"\(reuse.rawValue)\", \"overlap\": \(overlap)"
        )
        let server = try InstanceText.parse(text).problem.server
        #expect(server.reuse == reuse && server.overlap == overlap)
    }

    @Test(arguments: [
        ("\"version\": 1", "\"version\": 2", "version"),
        ("\"version\": 1, ", "", "version"),
        ("\"consecutive\"", "\"sometimes\"", "reuse"),
        ("\"overlap\": false", "\"overlap\": 0", "overlap"),
        ("\"overlap\": false", "\"overlap\": false, \"shares\": \"sometimes\"", "shares"),
        ("\"overlap\": false", "\"overlap\": false, \"shares\": 1", "shares"),
        ("\"memory_bytes\": 100", "\"memory_bytes\": 99", "models.m-0.blocks"),
        ("\"memory_bytes\": 100", "\"memory_bytes\": 0", "memory_bytes"),
        ("\"memory_bytes\": 100", "\"memory_bytes\": 100.5", "memory_bytes"),
        ("\"memory_bytes\": 100", "\"memory_bytes\": 1e300", "memory_bytes"),
        ("\"uplink_hz\": 2e6", "\"uplink_hz\": 0", "uplink_hz"),
        ("\"uplink_hz\": 2e6", "\"uplink_hz\": -1", "uplink_hz"),
        ("\"uplink_hz\": 2e6", "\"uplink_hz\": 1e999", "uplink_hz"),
        ("\"uplink_hz\": 2e6", "\"uplink_hz\": 1e99", "uplink_hz"),
        ("[\"r.base\"],\n", "[\"r.bass\"],\n", "resident[0]"),
        ("[\"r.base\"],\n", "[\"r.base\", \"r.base\"],\n", "resident[1]"),
        ("[\"r.base\"],\n", "[\"r.v0\", \"r.v1\"],\n", "resident"),
        ("\"bytes\": 40", "\"bytes\": -40", "blocks[\"r.base\"].bytes"),
        ("\"load_s\": 0.5", "\"load_s\": -0.5", "blocks[\"r.v0\"].load_s"),
        ("\"load_s\": 0.5", "\"load_s\": \"0.5\"", "blocks[\"r.v0\"].load_s"),
        ("\"load_s\": 0.5", "\"load_s\": NaN", "blocks[\"r.v0\"].load_s"),
        ("[\"r.base\", \"r.v0\"]", "[\"r.base\", \"r.v2\"]", "models.m-0.blocks[1]"),
        ("[\"r.base\", \"r.v0\"]", "[]", "models.m-0.blocks"),
        ("\"infer_base_s\": 0.25", "\"infer_base_s\": -1", "models.m-0.infer_base_s"),
        ("\"infer_per_item_s\": 0.25", "\"infer_per_item_s\": 1e7", "models.m-1.infer_per_item_s"),
        ("\"id\": \"u1\"", "\"id\": \"u0\"", "requests[1].id"),
        ("\"id\": \"u1\"", "\"id\": \"\"", "requests[1].id"),
        ("\"model\": \"m-1\"", "\"model\": \"m-2\"", "requests[1].model"),
        ("\"bits\": 800000", "\"bits\": 0", "requests[1].bits"),
        ("\"bits_per_hz\": 4", "\"bits_per_hz\": null", "requests[0].bits_per_hz"),
        ("\"deadline_s\": 2", "\"deadline_s\": -2", "requests[0].deadline_s"),
        (", \"deadline_s\": 0.5", "", "requests[2].deadline_s"),
        ("\"weight\": 2.5", "\"weight\": 0", "requests[1].weight"),
        ("\"seed\": 7", "\"seed\": -7", "seed"),
    ])
    func `what breaks the format is named by its path`(old: String, new: String, field: String) {
        let text = InstanceText.replacing(old, by: new)
        #expect(!text.isEmpty)
        #expect(InstanceText.error(of: text)?.field == field)
    }

    @Test func `an id given twice is refused where it stands`() {
        let twice = InstanceText.error(of: InstanceText.replacing("\"r.v1\":", by: "\"r.v0\":"))
        #expect(twice?.field?.hasPrefix("blocks") == true)
        #expect(twice?.message.contains("given twice") == true)
        // Both ids read as an e with an acute accent, but are not the same bytes.
        let combined = "\"e\\u0301\": {\"bytes\": 1, \"load_s\": 0}"
        let alike = InstanceText.replacing("\"r.v1\":", by: "\(combined), \"\\u00e9\":")
        #expect(InstanceText.error(of: alike)?.message == "the block id occurs twice")
    }

    @Test func `a file that ends early is refused wherever it ends`() {
        let text = Array(InstanceText.valid.utf8)
        for length in 0..<text.count {
            let error = InstanceText.error(of: String(decoding: text[..<length], as: UTF8.self))
            #expect(error?.field?.isEmpty == false, "\(length) bytes")
        }
        #expect(InstanceText.error(of: "")?.field == "instance")
        #expect(InstanceText.error(of: "[]")?.field == "instance")
        let cut = InstanceText.valid.prefix { $0 != "7" }
        #expect(InstanceText.error(of: String(cut))?.field == "seed")
    }

    @Test func `no requests are a valid instance, and the plan is empty`() throws {
        let start = try #require(InstanceText.valid.firstRange(of: "[{\"id\""))
        let plan = try InstanceText.parse(InstanceText.valid[..<start.lowerBound] + "[]}")
        #expect(plan.problem.requests.isEmpty)
        for entry in SolverRegistry.all.entries {
            let report = PlanRunner.run(entry.solver(seed: 0), on: plan, budget: nil, now: SystemMonotonicClock.now)
            #expect(report.result.schedule.batches.isEmpty)
            #expect(report.upperBound == 0 && report.result.isOptimal)
        }
    }

    @Test func `limits on the text are kept`() {
        let text = Array(InstanceText.valid.utf8)
        let limits = [
            JSONLimits(maximumBytes: 10, maximumNodes: 1000), JSONLimits(maximumBytes: 9999, maximumNodes: 9),
        ]
        for limits in limits {
            let code = failureCode { _ = try text.withUnsafeBytes { try InstancePlan(parsing: $0, limits: limits) } }
            #expect(code == .bodyTooLarge)
        }
    }

    @Test(arguments: [InstanceGenerator.Family.small, .varied, .backbone, .general], UInt64(0)..<4)
    func `an instance that is written reads as the same`(family: InstanceGenerator.Family, seed: UInt64) throws {
        var plan = InstancePlan(numbering: InstanceGenerator.problem(family, seed: seed), seed: seed)
        plan.problem.requests[0].weight = 1.5
        plan.problem.state.resident.insert(1)
        #expect(try InstanceText.parse(plan.json().array) == plan)
    }
}
