import Testing

@testable import Dispatching

/// How much is left free beyond estimates, by how promises are kept.
struct PromiseMarginTests {
    /// A margin of a gateway that has kept enough promises to be believed.
    private static let proven = {
        var margin = PromiseMargin()
        for _ in 0..<200 { margin.noteKept(at: 0) }
        return margin
    }()

    @Test func `before any promise was kept half as much again is left free, and less with each that is`() {
        var margin = PromiseMargin()
        #expect(margin.factor(at: 0) == 1.5)
        for _ in 0..<20 {
            let before = margin.factor(at: 0)
            margin.noteKept(at: 0)
            #expect(margin.factor(at: 0) < before)
        }
        #expect(margin.factor(at: 0) < 1.2)
        margin.noteBroken(at: 0)
        #expect(margin.factor(at: 0) > 1.18)
    }

    @Test func `nothing is left free as long as promises are kept`() {
        var margin = Self.proven
        for second in 0..<100 { margin.noteKept(at: Double(second)) }
        #expect(margin.factor(at: 99) == 1)
    }

    @Test func `promises broken leave more free, up to a bound`() {
        var margin = Self.proven
        margin.noteBroken(at: 0)
        let first = margin.factor(at: 0)
        #expect(first > 1)
        margin.noteBroken(at: 0)
        #expect(margin.factor(at: 0) > first)
        for _ in 0..<1000 { margin.noteBroken(at: 0) }
        #expect(margin.factor(at: 0) == 1.6)
    }

    @Test func `one broken in two hundred is in balance with the others`() {
        var margin = Self.proven
        for _ in 0..<10 { margin.noteBroken(at: 0) }
        let before = margin.factor(at: 0)
        for index in 1...2010 {
            if index % 201 == 0 { margin.noteBroken(at: 0) } else { margin.noteKept(at: 0) }
        }
        #expect(abs(margin.factor(at: 0) - before) < 1e-9)
    }

    @Test func `half of it is forgotten after ten seconds, whatever comes`() {
        var margin = Self.proven
        for _ in 0..<10 { margin.noteBroken(at: 5) }
        margin.noteBroken(at: 15)
        #expect(abs(margin.factor(at: 15) - 1.12) < 1e-9)
        #expect(abs(margin.factor(at: 25) - 1.06) < 1e-9)
        #expect(margin.factor(at: 615) < 1.001)
    }
}
