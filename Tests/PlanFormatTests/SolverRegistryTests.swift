import LoadScheduling
import PlanFormat
import Testing

struct SolverRegistryTests {
    @Test func `every solver goes by the name it is listed under, and no name is listed twice`() {
        let entries = SolverRegistry.all.entries
        #expect(entries.map { $0.solver(seed: 3).name } == entries.map(\.name))
        #expect(Set(entries.map(\.name)).count == entries.count)
    }

    @Test func `a solver is found by its name and by no other`() {
        #expect(SolverRegistry.all.entry(named: "edf")?.name == "edf")
        #expect(SolverRegistry.all.entry(named: "EDF") == nil)
    }

    @Test func `auto is preferred where it is listed`() {
        let entry = SolverRegistry.all.entries[0]
        let others = SolverRegistry([entry, SolverRegistry.Entry("auto") { entry.solver(seed: $0) }])
        #expect(others.preferred.name == "auto")
        #expect(SolverRegistry([entry]).preferred.name == entry.name)
    }
}
