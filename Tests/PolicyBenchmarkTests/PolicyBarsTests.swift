import Foundation
import Testing

@testable import PolicyBenchmark

struct PolicyBarsTests {
    /// One run as its report would be.
    static func result(
        _ policy: String,
        load: Double,
        inTime: Int,
        of sent: Int = 1000,
        rejected: Int = 0,
        goodput: Double = 0,
        name: String? = nil
    ) throws -> PolicyResult {
        let admitted = sent - rejected
        let text = """
            {"policy": "\(policy)", "plannerShare": 0.01, "processorShare": 1,
             "setting": {"name": "\(name ?? "\(load) x")", "load": \(load), "rate": 10, "round": 0},
             "client": {"sent": \(sent), "inTime": \(inTime), "late": 0, "failed": \(admitted - inTime), "refusedLate": 0,
                "cancelled": 0, "rejected": {"deadline": \(rejected)}, "bytesSent": 0, "bytesWasted": 0, "durationS": 1,
                "goodputPerS": \(goodput), "refusalMs": {"p50": 1, "p90": 2, "p99": 6, "max": 7}},
             "server": {
                "requests": {"received": \(sent), "rejected": \(rejected), "admitted": \(admitted), "inTime": \(inTime),
                    "late": 0, "failed": \(admitted - inTime), "cancelled": 0, "inFlight": 0},
                "estimateErrors": {"load": {"count": 9, "p90": 0.1}, "compute": {"count": 9, "p90": 0.2}},
                "blocks": {"hits": 0, "misses": 0, "loadedBytes": 0, "reusedBytes": 0},
                "planning": {"batches": 1, "plansAdopted": 0, "plansDiscarded": 0}}}
            """
        return try JSONDecoder().decode(PolicyResult.self, from: Data(text.utf8))
    }

    private func bar(_ words: String, _ results: [PolicyResult]) throws -> PolicyBars.Bar {
        let bars = PolicyBars(PolicyFigures(baseRate: 10, results: results)).bars
        return try #require(bars.first { $0.name.contains(words) })
    }

    @Test func `what was not run is neither reached nor missed`() {
        #expect(PolicyBars(PolicyFigures()).bars.allSatisfy { $0.isReached == nil && $0.line.contains("not run") })
    }

    @Test(arguments: [(800, true), (799, false)])
    func `partial has to serve twice what lru serves at twice the load`(inTime: Int, isReached: Bool) throws {
        let lru = try Self.result("lru", load: 2, inTime: 400)
        let bar = try bar("against lru at 2 x", [lru, Self.result("partial", load: 2, inTime: inTime)])
        #expect(bar.isReached == isReached)
    }

    @Test func `one load at which lru serves more is enough to miss`() throws {
        let results = try [
            Self.result("lru", load: 1, inTime: 991), Self.result("partial", load: 1, inTime: 990),
            Self.result("lru", load: 2, inTime: 100), Self.result("partial", load: 2, inTime: 900),
        ]
        #expect(try bar("never below 1", results).isReached == false)
        #expect(try bar("never below 1", Array(results.dropFirst(2))).isReached == true)
    }

    @Test func `a scenario is no steady load`() throws {
        let results = try [
            Self.result("lru", load: 2, inTime: 900, name: "burst"),
            Self.result("partial", load: 2, inTime: 100, name: "burst"),
        ]
        #expect(try bar("never below 1", results).isReached == nil)
    }

    @Test func `of the admitted one in a hundred may miss, whatever was refused`() throws {
        let name = "admitted but not in time"
        #expect(try bar(name, [Self.result("partial", load: 2, inTime: 495, rejected: 500)]).isReached == true)
        #expect(try bar(name, [Self.result("partial", load: 2, inTime: 494, rejected: 500)]).isReached == false)
    }

    @Test func `under overload goodput and refusals are held against their bars`() throws {
        let results = try [
            Self.result("partial", load: 2, inTime: 900, goodput: 100),
            Self.result("partial", load: 10, inTime: 900, rejected: 100, goodput: 89),
        ]
        #expect(try bar("at least 0.9 of its peak", results).isReached == false)
        #expect(try bar("p99: at most 5 ms", results).isReached == false)
        #expect(try bar("error of load estimates", results).isReached == true)
        #expect(try bar("error of compute estimates", results).isReached == false)
    }

    @Test func `accounts that differ are found`() throws {
        var result = try Self.result("partial", load: 1, inTime: 900)
        #expect(result.ledgersAgree)
        result.server.requests.received += 1
        #expect(!result.ledgersAgree)
        #expect(try bar("account equals", [result]).isReached == false)
    }

    @Test func `an overload is so many times what partial has served at best`() throws {
        let results = try [Self.result("partial", load: 2, inTime: 900, goodput: 50)]
        let figures = PolicyFigures(baseRate: 10, results: results)
        #expect(figures.rate(at: 2) == 20)
        #expect(figures.rate(at: 10) == 500)
        #expect(PolicyFigures(baseRate: 10).rate(at: 10) == 100)
    }

    @Test func `the table has a row for each setting and policy`() throws {
        let results = try [
            Self.result("lru", load: 1, inTime: 500), Self.result("partial", load: 1, inTime: 900),
            Self.result("partial", load: 1, inTime: 800),
        ]
        let rows = PolicyTable(PolicyFigures(baseRate: 10, results: results)).text.split(separator: "\n")
        #expect(rows.count == 3)
        #expect(rows[2].hasPrefix("1.0 x partial") && rows[2].contains("1700"))
    }
}
