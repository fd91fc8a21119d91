/// What loads take at least, as charges that are paid once by whoever of their members is used.
///
/// For every set of models that a schedule runs, the sum of `own` over the set and of each shared charge with a member in
/// it, less `allowance`, is at most the seconds its loads take.
struct LoadCharges {
    /// Seconds that are paid once if a member is used.
    struct Shared {
        var seconds: Double
        var members: [Int]
    }

    /// For each model, what using it costs whatever else is used.
    var own: [Double]
    /// What several models pay together.
    var shared: [Shared]
    /// What blocks resident at the start may save, at most.
    var allowance = 0.0

    /// The charges that hold for the problem's mode, as far as there is time to find them; `models`, in ascending order, are those
    /// that can be served at all.
    static func all(for problem: SchedulingProblem, models: [Int], _ watch: inout BudgetWatch) -> [LoadCharges] {
        let blocks = byBlock(problem, models)
        watch.look()
        guard problem.server.reuse == .consecutive, models.count > 1 else { return [blocks] }
        guard let byPredecessor = byPredecessor(problem, models, &watch) else { return [blocks] }
        return [byPredecessor, blocks]
    }

    /// Each block that is missing at first is loaded at least once: true in every mode.
    private static func byBlock(_ problem: SchedulingProblem, _ models: [Int]) -> LoadCharges {
        let server = problem.server
        var members = [[Int]](repeating: [], count: server.blocks.count)
        for model in models {
            for block in server.models[model].blocks where !problem.state.resident.contains(block) {
                members[block].append(model)
            }
        }
        var charges = LoadCharges(own: Array(repeating: 0, count: server.models.count), shared: [])
        var together: [[Int]: Double] = [:]
        for (block, models) in members.enumerated() where !models.isEmpty {
            let seconds = server.blocks[block].loadSeconds
            if models.count == 1 { charges.own[models[0]] += seconds } else { together[models, default: 0] += seconds }
        }
        charges.shared = together.map { Shared(seconds: $0.value, members: $0.key) }
            .sorted { $0.members.lexicographicallyPrecedes($1.members) }
        return charges
    }

    /// Consecutive reuse: the first batch of a model lacks at least what it lacks after the best model to follow, and the
    /// first batch of a group of models without a block in common with others is loaded whole. Nil where the budget is used up.
    private static func byPredecessor(
        _ problem: SchedulingProblem,
        _ models: [Int],
        _ watch: inout BudgetWatch
    ) -> LoadCharges? {
        let server = problem.server
        var charges = LoadCharges(own: Array(repeating: 0, count: server.models.count), shared: [])
        for group in groups(models, server) {
            var entry = Double.infinity
            for model in group {
                watch.spend(group.count * server.models[model].blocks.count)
                guard !watch.isUsedUp else { return nil }
                let full = seconds(of: server.models[model].blocks, without: BlockSet(), server)
                var least = full
                for other in group where other != model {
                    let kept = server.models[other].blockSet
                    least = min(least, seconds(of: server.models[model].blocks, without: kept, server))
                }
                charges.own[model] = least
                entry = min(entry, full - least)
                let missing = seconds(of: server.models[model].blocks, without: problem.state.resident, server)
                charges.allowance = max(charges.allowance, full - missing)
            }
            if group.count > 1, entry > 0 { charges.shared.append(Shared(seconds: entry, members: group)) }
        }
        return charges
    }

    private static func seconds(of blocks: [Int], without resident: BlockSet, _ server: EdgeServer) -> Double {
        blocks.reduce(0) { resident.contains($1) ? $0 : $0 + server.blocks[$1].loadSeconds }
    }

    /// The models in groups such that no block is in two groups.
    static func groups(_ models: [Int], _ server: EdgeServer) -> [[Int]] {
        var groupOfBlock = [Int](repeating: -1, count: server.blocks.count)
        var groups: [[Int]] = []
        for model in models {
            var merged = [model]
            let touched = Set(server.models[model].blocks.map { groupOfBlock[$0] }).filter { $0 >= 0 }
            for group in touched.sorted() {
                merged.append(contentsOf: groups[group])
                groups[group] = []
            }
            for member in merged {
                for block in server.models[member].blocks { groupOfBlock[block] = groups.count }
            }
            groups.append(merged.sorted())
        }
        return groups.filter { !$0.isEmpty }
    }
}
