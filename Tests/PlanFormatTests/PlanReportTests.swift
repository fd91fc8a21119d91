import JSONCoding
import LoadScheduling
import PlanFormat
import ServingCore
import Testing

struct PlanReportTests {
    private func report(_ result: SchedulingResult, of text: String = InstanceText.valid) throws -> PlanReport {
        PlanReport(
            plan: try InstanceText.parse(text),
            solver: "greedy",
            result: result,
            duration: .microseconds(1500)
        )
    }

    private let schedule = LoadSchedule(
        batches: [
            LoadSchedule.Batch(
                model: 0,
                requests: [0],
                loadStart: 0,
                inferStart: 0.5,
                finish: 0.875,
                loadedBlocks: [1]
            )
        ],
        shares: [Hertz(1.5e6), nil, nil],
        unserved: [1: .uplink, 2: .deadline]
    )

    @Test func `a report is written as the format shows it`() throws {
        let result = SchedulingResult(
            schedule: schedule,
            stopReason: .upperBoundReached,
            isOptimal: true,
            upperBound: 1.0000000001
        )
        let text = InstanceText.replacing(", \"weight\": 2.5", by: "")
        let expected = """
            {"solver":"greedy","served":1,"upper_bound":1,"optimal":true,"stop_reason":"upper_bound_reached",\
            "plan_ms":1.5,"loaded_bytes":60,"batches":[{"model":"m-0","requests":["u0"],"load_start_s":0,\
            "infer_start_s":0.5,"finish_s":0.875,"loaded_blocks":["r.v0"]}],"bandwidth_hz":{"u0":1500000},\
            "unserved":[{"id":"u1","reason":"uplink"},{"id":"u2","reason":"deadline"}]}
            """
        #expect(String(decoding: try report(result, of: text).json().array, as: UTF8.self) == expected)
    }

    @Test func `where shares vary each request has its turn`() throws {
        let text = InstanceText.replacing("\"overlap\"", by: "\"shares\": \"varying\", \"overlap\"")
        var varying = schedule
        varying.turns = [.init(start: 0, end: 0.15), nil, nil]
        let result = SchedulingResult(schedule: varying, stopReason: .completed, isOptimal: false, upperBound: nil)
        let written = String(decoding: try report(result, of: text).json().array, as: UTF8.self)
        #expect(written.contains("\"bandwidth_hz\":{\"u0\":1500000},\"upload_s\":{\"u0\":[0.0,0.15]},"), "\(written)")
    }

    @Test func `with weights the weight that is served stands beside the bound`() throws {
        let result = SchedulingResult(schedule: schedule, stopReason: .completed, isOptimal: false, upperBound: 3.5)
        let text = String(decoding: try report(result).json().array, as: UTF8.self)
        #expect(text.contains("\"served\":1,\"served_weight\":1,\"upper_bound\":3.5,"))
    }

    @Test func `a bound over whole weights is cut to a whole number, none is null`() throws {
        let text = InstanceText.replacing("2.5", by: "2")
        var result = SchedulingResult(schedule: schedule, stopReason: .completed, isOptimal: false, upperBound: 2.75)
        #expect(try report(result, of: text).upperBound == 2)
        result.upperBound = 2.9999999999
        #expect(try report(result, of: text).upperBound == 3)
        result.upperBound = nil
        let written = String(decoding: try report(result).json().array, as: UTF8.self)
        #expect(written.contains("\"upper_bound\":null"))
    }

    @Test func `a solver is told when its budget is used up, by the clock it is given`() throws {
        struct Asking: LoadScheduler {
            var name: String { "asking" }
            func solve(_ problem: SchedulingProblem, limits: SchedulingLimits) -> SchedulingResult {
                var asked = 0
                while !limits.isBudgetUsedUp(), asked < 1000 { asked += 1 }
                let reasons = problem.requests.indices.map { ($0, LoadSchedule.UnservedReason.deadline) }
                return SchedulingResult(
                    schedule: LoadSchedule(unserved: Dictionary(uniqueKeysWithValues: reasons)),
                    stopReason: .budgetUsedUp,
                    isOptimal: false,
                    upperBound: Double(asked)
                )
            }
        }
        let clock = TickingMilliseconds()
        let plan = try InstanceText.parse(InstanceText.valid)
        let report = PlanRunner.run(Asking(), on: plan, budget: .milliseconds(10), now: clock.now)
        // The start took the first tick: at the tenth after it the budget is used up.
        #expect(report.result.upperBound == 9)
        #expect(report.duration == .milliseconds(11))
        let endless = PlanRunner.run(Asking(), on: plan, budget: nil, now: clock.now)
        #expect(endless.result.upperBound == 1000)
    }
}
