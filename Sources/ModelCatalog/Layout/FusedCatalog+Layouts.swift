import ServingCore

extension FusedCatalog {
    /// The catalog with tensors between convolutions in the layout those work in; `channels` tells the edges of blocks.
    ///
    /// A unit whose edges are blocked has an id of its own: copies and resident blocks of one layout are never taken for
    /// those of another.
    /// - Complexity: O(s) for s steps in all, and one call of `channels` for each block at an edge.
    func blockingLayouts(_ channels: (BlockID) -> EdgeChannels?) -> FusedCatalog {
        var ports = LayoutPorts(models) { id in
            guard let unit = units[id] else { return channels(id) }
            return unit.edgeChannels(channels)
        }
        var variants: [BlockID: LoadingUnit] = [:]
        for step in models.flatMap(\.steps) where variants[step.block.id] == nil {
            variants[step.block.id] = Self.variant(of: step, units[step.block.id], &ports)
        }
        var models = models
        for model in models.indices {
            for step in models[model].steps.indices {
                let block = models[model].steps[step].block
                guard let unit = variants[block.id] else { continue }
                models[model].steps[step].block = ParameterBlock(id: unit.id, size: block.size)
            }
        }
        var all = units.filter { variants[$0.key] == nil }
        for unit in variants.values { all[unit.id] = unit }
        return FusedCatalog(models: models, units: all)
    }

    /// The unit, or the block as a unit of its own, with its blocked edges; nil where it has none.
    private static func variant(of step: BlockStep, _ unit: LoadingUnit?, _ ports: inout LayoutPorts) -> LoadingUnit? {
        let id = step.block.id
        var layout = LoadingUnit.Layout()
        for place in step.inputSlots.indices {
            layout.inputs[place] = ports.channels(of: .init(block: id, isInput: true, place: place))
        }
        for place in step.outputSlots.indices {
            layout.outputs[place] = ports.channels(of: .init(block: id, isInput: false, place: place))
        }
        guard layout != LoadingUnit.Layout() else { return nil }
        let alone = LoadingUnit.Member(
            block: id,
            inputs: step.inputSlots.indices.map { .input($0) },
            outputCount: step.outputSlots.count
        )
        return LoadingUnit(
            members: unit?.members ?? [alone],
            outputs: unit?.outputs ?? step.outputSlots.indices.map { .init(member: 0, output: $0) },
            layout: layout
        )
    }
}

extension LoadingUnit {
    /// The unit's own edges, from those of its members; an input of several members is what all of them say.
    fileprivate func edgeChannels(_ channels: (BlockID) -> EdgeChannels?) -> EdgeChannels? {
        let edges = members.map { channels($0.block) }
        var inputs: [Int: Int?] = [:]
        for (member, edges) in zip(members, edges) {
            for (index, source) in member.inputs.enumerated() {
                guard case .input(let place) = source else { continue }
                let found = edges.flatMap { $0.inputs.count == member.inputs.count ? $0.inputs[index] : nil }
                inputs[place] = .some(inputs[place, default: found] == found ? found : nil)
            }
        }
        let outputs = outputs.map { output -> Int? in
            guard let edges = edges[output.member], edges.outputs.count == members[output.member].outputCount else {
                return nil
            }
            return edges.outputs[output.output]
        }
        return EdgeChannels(inputs: inputs.sorted { $0.key < $1.key }.map(\.value), outputs: outputs)
    }
}
