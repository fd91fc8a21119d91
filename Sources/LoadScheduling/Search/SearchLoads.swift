/// Seconds of load between models, looked up instead of counted block by block.
struct SearchLoads: Sendable {
    let count: Int
    /// For each slot before (0 for the start, then slot + 1) and each slot, the seconds to load; empty where it would be too large.
    let table: [Double]
    /// For each slot, the least seconds its load can take behind another model or at the start.
    let least: [Double]
    private let models: [EdgeServer.Model]
    private let blocks: [EdgeServer.Block]
    private let resident: BlockSet

    /// The most entries the table may have: 4 MB.
    private static let largestTable = 500_000

    init(_ models: [Int], of problem: SchedulingProblem) {
        count = models.count
        self.models = models.map { problem.server.models[$0] }
        blocks = problem.server.blocks
        resident = problem.state.resident
        guard (count + 1) * count <= Self.largestTable else {
            table = []
            least = Array(repeating: 0, count: models.count)
            return
        }
        var least = [Double](repeating: .infinity, count: models.count)
        var table: [Double] = []
        table.reserveCapacity((count + 1) * count)
        for before in -1..<count {
            let kept = before < 0 ? resident : self.models[before].blockSet
            for (slot, model) in self.models.enumerated() {
                let seconds = Self.seconds(model.blocks, without: kept, blocks)
                table.append(seconds)
                if slot != before { least[slot] = min(least[slot], seconds) }
            }
        }
        self.least = least
        self.table = table
    }

    /// Seconds to load the model of `slot` when only the blocks of `before` are resident; -1 stands for the start.
    func seconds(_ slot: Int, after before: Int) -> Double {
        if !table.isEmpty { return table[(before + 1) * count + slot] }
        return Self.seconds(models[slot].blocks, without: before < 0 ? resident : models[before].blockSet, blocks)
    }

    /// Bytes to load the model of `slot` when only the blocks of `before` are resident; -1 stands for the start.
    func bytes(_ slot: Int, after before: Int) -> Int {
        let kept = before < 0 ? resident : models[before].blockSet
        return models[slot].blocks.reduce(0) { kept.contains($1) ? $0 : $0 &+ blocks[$1].bytes }
    }

    /// The blocks of `slot`.
    func blockSet(_ slot: Int) -> BlockSet { models[slot].blockSet }

    private static func seconds(_ list: [Int], without kept: BlockSet, _ blocks: [EdgeServer.Block]) -> Double {
        var sum = 0.0
        for block in list where !kept.contains(block) { sum += blocks[block].loadSeconds }
        return sum
    }
}
