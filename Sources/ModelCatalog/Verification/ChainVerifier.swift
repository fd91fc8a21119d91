import ServingCore

/// Compares what a model's blocks give in a row with what the whole model gives, on generated inputs.
struct ChainVerifier {
    /// Runs both.
    let engine: any TrialEngine
    /// The store the blocks are in.
    let store: BlockStore
    /// How far they may be apart where the outputs' type allows no more: as exactly as the model calculates.
    var tolerance = ImportVerification.tolerance

    /// One run of the whole model.
    private struct Trial {
        var inputs: [Tensor]
        var outputs: [Tensor]
    }

    /// Compares `chain`, whose blocks are stored, with the model in `file`.
    func verify(_ chain: ServableModel, against file: String) -> ImportVerification {
        let trials: [Trial]
        do throws(ServingError) {
            let whole = try engine.load(file)
            switch runs(of: whole, chain) {
            case .success(let found): trials = found
            case .failure(let error):
                return .impossible("the model takes none of the generated inputs: \(error.message)")
            }
        } catch {
            return .impossible("the whole model cannot be loaded: \(error.message)")
        }
        do throws(ServingError) {
            return compare(try outputs(of: chain, for: trials), of: chain, with: trials, file: file)
        } catch {
            return .differed("its blocks do not run in a row: \(error.message)")
        }
    }

    /// Up to three runs that the whole model took: two of small integers, one of larger ones.
    private func runs(of whole: any TrialModel, _ chain: ServableModel) -> Result<[Trial], ServingError> {
        var trials: [Trial] = []
        var reason = ServingError(.invalidField, "each would be too large")
        var accepted: TrialAttempt?
        for (index, attempt) in TrialAttempt.all.enumerated() where trials.count < 2 {
            do throws(ServingError) {
                guard let trial = try run(whole, chain, attempt, seed: UInt64(index)) else { continue }
                trials.append(trial)
                accepted = accepted ?? attempt
            } catch {
                reason = error
            }
        }
        guard var larger = accepted else { return .failure(reason) }
        for limit in [100, 10, 4] {
            larger.integerLimit = limit
            guard let trial = try? run(whole, chain, larger, seed: 1000) else { continue }
            trials.append(trial)
            break
        }
        return .success(trials)
    }

    private func run(
        _ whole: any TrialModel,
        _ chain: ServableModel,
        _ attempt: TrialAttempt,
        seed: UInt64
    ) throws(ServingError) -> Trial? {
        var generator = TrialInputs(seed: seed)
        guard let inputs = generator.tensors(for: chain.inputs, attempt) else { return nil }
        return Trial(inputs: inputs, outputs: try outputs(of: whole, for: inputs, chain))
    }

    /// Runs the whole model; its file may list inputs and outputs in another order than the chain does. Names are compared
    /// by their bytes, as in ONNX.
    private func outputs(
        of whole: any TrialModel,
        for inputs: [Tensor],
        _ chain: ServableModel
    ) throws(ServingError) -> [Tensor] {
        let byName = Dictionary(inputs.map { (Array($0.name.utf8), $0) }) { first, _ in first }
        let given = whole.inputs.compactMap { byName[Array($0.name.utf8)] }
        let found = Dictionary(try whole.run(given).map { (Array($0.name.utf8), $0) }) { first, _ in first }
        let outputs = chain.outputs.compactMap { found[Array($0.name.utf8)] }
        guard outputs.count == chain.outputs.count else { throw ServingError(.engineFailed, "an output is missing") }
        return outputs
    }

    /// What the chain gives for each trial; one block is in memory at a time.
    private func outputs(of chain: ServableModel, for trials: [Trial]) throws(ServingError) -> [[Tensor]] {
        var slots = trials.map { trial in trial.inputs.map(Optional.some) }
        for index in slots.indices {
            slots[index] += Array(repeating: nil, count: chain.slotCount - chain.inputs.count)
        }
        for step in chain.steps {
            let block = try engine.load(store.path(of: step.block.id))
            for index in slots.indices {
                let outputs = try block.run(step.inputSlots.compactMap { slots[index][$0] })
                guard outputs.count == step.outputSlots.count else {
                    throw ServingError(.engineFailed, "a block leaves an output out")
                }
                for (slot, output) in zip(step.outputSlots, outputs) { slots[index][slot] = output }
            }
        }
        return slots.map { slots in chain.outputSlots.compactMap { slots[$0] } }
    }

    private func compare(
        _ found: [[Tensor]],
        of chain: ServableModel,
        with trials: [Trial],
        file: String
    ) -> ImportVerification {
        switch difference(found, of: chain, with: trials.map(\.outputs)) {
        case .equal(let difference): return .passed(runs: trials.count, difference: difference)
        case .different(let what):
            guard isDeterministic(file, chain, trials) else {
                return .impossible("the model gives something else each time it runs")
            }
            return .differed("its blocks in a row do not give what the whole model gives: \(what)")
        }
    }

    private func difference(
        _ found: [[Tensor]],
        of chain: ServableModel,
        with expected: [[Tensor]]
    ) -> TensorComparison.Result {
        var largest = 0.0
        for (found, expected) in zip(found, expected) {
            guard found.count == expected.count else { return .different("an output is missing") }
            for (specification, (one, other)) in zip(chain.outputs, zip(found, expected)) {
                switch TensorComparison.compare(one, with: other, tolerance: tolerance) {
                case .equal(let difference): largest = max(largest, difference)
                case .different(let how): return .different("output '\(specification.name)' \(how)")
                }
            }
        }
        return .equal(difference: largest)
    }

    private func isDeterministic(_ file: String, _ chain: ServableModel, _ trials: [Trial]) -> Bool {
        do throws(ServingError) {
            let whole = try engine.load(file)
            for trial in trials {
                let again = try outputs(of: whole, for: trial.inputs, chain)
                if case .different = difference([again], of: chain, with: [trial.outputs]) { return false }
            }
            return true
        } catch {
            return false
        }
    }
}
