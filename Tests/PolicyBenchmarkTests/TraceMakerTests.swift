import Foundation
import Testing

@testable import PolicyBenchmark

struct TraceMakerTests {
    private let maker = TraceMaker(models: ["resnet18-0", "resnet34-0"], timeout: "100:600", zipf: 0.9, seconds: 1)

    @Test func `a model of the zoo keeps its requests, another's go to one of the zoo's, always the same`() throws {
        let own = #"{"at_s":0.5,"model":"resnet34-0"}"#
        #expect(try maker.renamed(own[...]) == own)
        let other = #"{"at_s":0.5,"model":"resnet50-11"}"#
        let renamed = try maker.renamed(other[...])
        #expect(try renamed == maker.renamed(other[...]))
        #expect(maker.models.contains { renamed.contains(#""model":"\#($0)""#) })
    }

    @Test func `a line that is no object is refused`() {
        #expect(throws: (any Error).self) { try maker.renamed("[]") }
    }

    @Test(arguments: ["burst", "shift", "import", "liars"])
    func `every scenario is played at the mean rate asked for`(name: String) throws {
        let play = try maker.scenario(name, rate: 50)
        let lines = try String(contentsOf: play.trace, encoding: .utf8).split(separator: "\n")
        let last = try #require(lines.last.flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) })
        let end = try #require((last as? [String: Any])?["at_s"] as? Double)
        #expect(abs(Double(lines.count) * play.speed / end - 50) < 1e-6)
        #expect(play.importsVersions == (name == "import"))
        #expect((play.uplinkHertz != nil) == (name == "liars"))
    }

    @Test func `a scenario that does not exist is refused by its name`() {
        #expect { try maker.scenario("none", rate: 1) } throws: { "\($0)".contains("none") }
    }
}
