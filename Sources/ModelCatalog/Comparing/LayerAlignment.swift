/// Which layer of one model stands for which layer of another, both in the order they run.
///
/// Of all ways to lay them side by side without crossing, the one with the best matches together; a layer that is left over takes
/// an equal one wherever that stands.
struct LayerAlignment {
    /// For each layer of the model, the layer of the other one it is compared with; nil for none.
    private(set) var partners: [Int?]
    /// How well each matches its partner.
    private(set) var matches: [LayerFacts.Match]
    /// The layers of the other model that stand for none, in order.
    let leftOver: [Int]

    /// More pairs of layers than this are only looked through for equal ones.
    private static let pairLimit = 4 << 20

    /// Compares the layers of a model with those of `base`.
    /// - Complexity: O(layers × layers of the base) in time and memory, up to a limit.
    init(of layers: [LayerFacts], against base: [LayerFacts]) {
        partners = Array(repeating: nil, count: layers.count)
        matches = Array(repeating: .none, count: layers.count)
        let (pairs, overflow) = (layers.count + 1).multipliedReportingOverflow(by: base.count + 1)
        if !overflow, pairs <= Self.pairLimit {
            for (own, other, match) in Self.best(layers, base) { (partners[own], matches[own]) = (other, match) }
        }
        let places = Dictionary(base.enumerated().map { ($1.block, $0) }) { first, _ in first }
        for (index, layer) in layers.enumerated() where matches[index] != .equal {
            guard let place = places[layer.block] else { continue }
            (partners[index], matches[index]) = (place, .equal)
        }
        let taken = Set(partners.compactMap { $0 })
        leftOver = base.indices.filter { !taken.contains($0) }
    }

    /// The pairs of the best way, by dynamic programming over the beginnings of both lists.
    private static func best(_ layers: [LayerFacts], _ base: [LayerFacts]) -> [(Int, Int, LayerFacts.Match)] {
        let width = base.count + 1
        var scores = [Int32](repeating: 0, count: (layers.count + 1) * width)
        for own in layers.indices {
            for other in base.indices {
                let place = (own + 1) * width + other + 1
                let paired = scores[place - width - 1] + Int32(layers[own].match(base[other]).rawValue)
                scores[place] = max(paired, scores[place - 1], scores[place - width])
            }
        }
        var pairs: [(Int, Int, LayerFacts.Match)] = []
        var (own, other) = (layers.count, base.count)
        while own > 0, other > 0 {
            let place = own * width + other
            let match = layers[own - 1].match(base[other - 1])
            if match != .none, scores[place] == scores[place - width - 1] + Int32(match.rawValue) {
                pairs.append((own - 1, other - 1, match))
                (own, other) = (own - 1, other - 1)
            } else if scores[place] == scores[place - width] {
                own -= 1
            } else {
                other -= 1
            }
        }
        return pairs
    }
}
