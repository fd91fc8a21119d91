import ServingCore

/// How many of a model's first layers have to stay as they are, so that models made from it share a wanted part of its bytes.
///
/// Training that leaves the first layers alone, their normalisation's statistics included, leaves their blocks equal.
public struct FrozenPart: Hashable, Sendable {
    /// How many layers from the start; 0 for none.
    public let layerCount: Int
    /// What their blocks take, in bytes.
    public let bytes: Int
    /// The part of all blocks' bytes, from 0 to 1.
    public let share: Double

    /// The fewest first layers of `model` with at least `share` of its bytes; `share` goes from 0 to 1.
    public init(of model: ComparedModel, share: Double) {
        var seen = Set<BlockID>()
        let sizes = model.layers.map { seen.insert($0.block).inserted ? $0.bytes : 0 }
        let total = sizes.reduce(0, +)
        let wanted = share * Double(total)
        var (count, sum) = (0, 0)
        for size in sizes where Double(sum) < wanted {
            count += 1
            sum += size
        }
        layerCount = count
        bytes = sum
        self.share = total > 0 ? Double(sum) / Double(total) : 0
    }
}
