import ServingCore

/// Which edges between the units of a catalog's models can stay in the blocked layout: those where all models agree.
///
/// An edge of a unit is one thing whatever model it is used in, so what two models connect to it has to agree, too, and
/// what is connected to that: the edges fall into classes, each of which is blocked or not as a whole.
struct LayoutPorts {
    /// An input or output of a unit.
    struct Port: Hashable {
        let block: BlockID
        let isInput: Bool
        let place: Int
    }

    private var parents: [Port: Port] = [:]
    private var refused = Set<Port>()
    private var agreed: [Port: Int] = [:]

    /// Sorts the edges of `models`; `channels` says what each edge of a block could have.
    init(_ models: [ServableModel], channels: (BlockID) -> EdgeChannels?) {
        var known: [BlockID: EdgeChannels?] = [:]
        for model in models { connect(model) }
        for port in Array(parents.keys) {
            let edges = known[port.block] ?? channels(port.block)
            known[port.block] = edges
            let places = port.isInput ? edges?.inputs : edges?.outputs
            agree(port, on: places.flatMap { $0[checked: port.place] } ?? nil)
        }
    }

    /// The channels of a port whose class is blocked; nil for all others.
    mutating func channels(of port: Port) -> Int? {
        let root = root(of: port)
        return refused.contains(root) ? nil : agreed[root]
    }

    /// Connects what a model connects; its own inputs and outputs stay as clients send and expect them.
    private mutating func connect(_ model: ServableModel) {
        var ends: [Int: Port] = [:]
        var outside = Set(model.inputs.indices).union(model.outputSlots)
        let filled = Set(model.steps.flatMap(\.outputSlots))
        outside.formUnion(Set(model.steps.flatMap(\.inputSlots)).subtracting(filled))
        for step in model.steps {
            let ports =
                step.inputSlots.enumerated().map { ($1, Port(block: step.block.id, isInput: true, place: $0)) }
                + step.outputSlots.enumerated().map { ($1, Port(block: step.block.id, isInput: false, place: $0)) }
            for (slot, port) in ports {
                if parents[port] == nil { parents[port] = port }
                if let other = ends[slot] { join(port, other) } else { ends[slot] = port }
                if outside.contains(slot) { refused.insert(root(of: port)) }
            }
        }
    }

    private mutating func agree(_ port: Port, on channels: Int?) {
        let root = root(of: port)
        guard let channels, agreed[root, default: channels] == channels else {
            refused.insert(root)
            return
        }
        agreed[root] = channels
    }

    private mutating func join(_ one: Port, _ other: Port) {
        let (one, other) = (root(of: one), root(of: other))
        guard one != other else { return }
        parents[one] = other
        if refused.remove(one) != nil { refused.insert(other) }
    }

    private mutating func root(of port: Port) -> Port {
        var root = port
        while let parent = parents[root], parent != root { root = parent }
        parents[port] = root
        return root
    }
}

extension Array {
    fileprivate subscript(checked index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
