import JSONCoding
import LoadScheduling
import PlanFormat
import ServingCore
import TestSupport
import Testing

/// Never a crash: a mutated instance is refused with its field, or planned with a schedule that keeps the rules.
struct MutatedInstanceTests {
    private enum Outcome {
        case refused(field: String?)
        case planned(violations: [String])
    }

    private func outcome(of text: [UInt8], solver: SolverRegistry.Entry) -> Outcome {
        do {
            let plan = try InstanceText.parse(text)
            let report = PlanRunner.run(
                solver.solver(seed: plan.seed),
                on: plan,
                budget: .milliseconds(2),
                now: SystemMonotonicClock.now
            )
            _ = report.json()
            return .planned(violations: ScheduleValidator.violations(of: report.result.schedule, in: plan.problem))
        } catch {
            return .refused(field: (error as? ServingError)?.field)
        }
    }

    /// Says how many were refused and how many planned.
    private func check(
        _ original: [UInt8],
        seeds: Range<UInt64>,
        mutate: (TextMutator, inout SeededGenerator) -> [UInt8]
    ) -> (refused: Int, planned: Int) {
        let mutator = TextMutator(original)
        let solvers = SolverRegistry.all.entries
        var refused = 0
        for seed in seeds {
            var random = SeededGenerator(seed: seed)
            let text = mutate(mutator, &random)
            switch outcome(of: text, solver: solvers[Int(seed % UInt64(solvers.count))]) {
            case .refused(let field):
                refused += 1
                #expect(field?.isEmpty == false, "seed \(seed): no field is named")
            case .planned(let violations):
                #expect(violations == [], "seed \(seed)")
            }
        }
        return (refused, seeds.count - refused)
    }

    /// Memory to spare, so that a mutated size need not be over it.
    private let original = Array(InstanceText.replacing("\"memory_bytes\": 100", by: "\"memory_bytes\": 1000").utf8)

    @Test func `tokens replaced, removed, doubled and swapped`() {
        let counts = check(original, seeds: 0..<3000) { $0.mutateTokens(&$1) }
        // Both ways out are taken, or the mutations would test nothing.
        #expect(counts.refused > 300 && counts.planned > 200, "\(counts)")
    }

    @Test func `bytes changed, removed, inserted and cut off`() {
        let counts = check(original, seeds: 0..<3000) { $0.mutateBytes(&$1) }
        #expect(counts.refused > 300 && counts.planned > 200, "\(counts)")
    }

    @Test func `shares that vary, mutated`() {
        let text = String(decoding: original, as: UTF8.self)
        let varying = "{\"shares\": \"varying\", " + text.dropFirst()
        let counts = check(Array(varying.utf8), seeds: 0..<1500) { $0.mutateTokens(&$1) }
        #expect(counts.refused > 150 && counts.planned > 100, "\(counts)")
    }

    @Test func `cut off after any byte`() {
        for length in 0..<original.count - 1 {
            let text = Array(original.prefix(length))
            guard case .refused(let field) = outcome(of: text, solver: SolverRegistry.all.preferred) else {
                Issue.record("\(length) bytes of it are no instance")
                continue
            }
            #expect(field?.isEmpty == false)
        }
    }

    @Test(arguments: ["[", "{\"blocks\":", "[{\"a\":["])
    func `nested deeper than any stack`(opening: String) {
        let text = Array(String(repeating: opening, count: 200_000).utf8)
        guard case .refused(let field) = outcome(of: text, solver: SolverRegistry.all.preferred) else {
            Issue.record("it is no instance")
            return
        }
        #expect(field?.isEmpty == false)
    }

    @Test(arguments: InstanceFile.all.filter { $0.name.hasPrefix("small") })
    func `instances of the size that is planned in practice`(file: InstanceFile) throws {
        let counts = check(try file.bytes(), seeds: 0..<60) { $0.mutateTokens(&$1) }
        #expect(counts.refused > 0 && counts.planned > 0, "\(counts)")
    }
}
