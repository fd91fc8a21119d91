import ServingCore

/// Puts units in the place of runs of blocks.
struct UnitRewriter {
    /// The models as they are by now.
    private(set) var models: [ServableModel]
    /// The units made so far.
    private(set) var units: [BlockID: LoadingUnit] = [:]
    private var users: [BlockID: [Int]] = [:]

    init(_ models: [ServableModel]) {
        self.models = models
        for (index, model) in models.enumerated() {
            for block in model.blocks { users[block.id, default: []].append(index) }
        }
    }

    /// One run at its place in a model.
    private struct Occurrence {
        let model: Int
        let start: Int
        /// The slots the run reads from outside, in the order it first reads them.
        var inputSlots: [Int] = []
        var members: [LoadingUnit.Member] = []
        /// For each output of a member, its slot.
        var outputSlots: [LoadingUnit.Output: Int] = [:]
        /// The outputs that somebody outside reads.
        var needed = Set<LoadingUnit.Output>()
    }

    /// Makes one unit of `run`, unless the models wire its blocks in different ways.
    mutating func fuse(_ run: [BlockID]) {
        let occurrences = (users[run[0]] ?? []).flatMap { self.occurrences(of: run, in: $0) }
        guard let first = occurrences.first, occurrences.allSatisfy({ $0.members == first.members }) else { return }
        let needed = occurrences.reduce(into: Set<LoadingUnit.Output>()) { $0.formUnion($1.needed) }
        let outputs = needed.sorted { ($0.member, $0.output) < ($1.member, $1.output) }
        guard !outputs.isEmpty else { return }
        let unit = LoadingUnit(members: first.members, outputs: outputs)
        units[unit.id] = unit
        // From the back, so that the places of earlier occurrences stay.
        for occurrence in occurrences.reversed() { replace(occurrence, by: unit) }
    }

    private mutating func replace(_ occurrence: Occurrence, by unit: LoadingUnit) {
        let range = occurrence.start..<(occurrence.start + unit.members.count)
        let size = models[occurrence.model].steps[range].reduce(ByteCount.zero) { $0 + $1.block.size }
        let step = BlockStep(
            block: ParameterBlock(id: unit.id, size: size),
            inputSlots: occurrence.inputSlots,
            outputSlots: unit.outputs.compactMap { occurrence.outputSlots[$0] }
        )
        models[occurrence.model].steps.replaceSubrange(range, with: [step])
    }

    private func occurrences(of run: [BlockID], in model: Int) -> [Occurrence] {
        let steps = models[model].steps
        return steps.indices.filter { start in
            steps[start...].prefix(run.count).map(\.block.id) == run
        }.map { occurrence(at: $0, count: run.count, in: model) }
    }

    private func occurrence(at start: Int, count: Int, in model: Int) -> Occurrence {
        var result = Occurrence(model: model, start: start)
        var inside: [Int: LoadingUnit.Output] = [:]
        let steps = models[model].steps
        for (member, step) in steps[start..<(start + count)].enumerated() {
            let sources = step.inputSlots.map { slot -> LoadingUnit.Source in
                if let output = inside[slot] { return .member(output.member, output: output.output) }
                if let index = result.inputSlots.firstIndex(of: slot) { return .input(index) }
                result.inputSlots.append(slot)
                return .input(result.inputSlots.count - 1)
            }
            for (index, slot) in step.outputSlots.enumerated() {
                let output = LoadingUnit.Output(member: member, output: index)
                inside[slot] = output
                result.outputSlots[output] = slot
            }
            result.members.append(
                LoadingUnit.Member(block: step.block.id, inputs: sources, outputCount: step.outputSlots.count)
            )
        }
        let outside = steps[..<start].flatMap(\.inputSlots) + steps[(start + count)...].flatMap(\.inputSlots)
        for slot in outside + models[model].outputSlots {
            if let output = inside[slot] { result.needed.insert(output) }
        }
        return result
    }
}
