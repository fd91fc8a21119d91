public import ServingCore

/// The models of a catalog with neighbouring blocks that are always used together made one unit of loading.
///
/// Which blocks those are depends on all models together: with another model, a unit may fall apart into others.
/// Two blocks are joined where each use of the first is followed by the second, and each use of the second preceded by
/// the first, with the same tensors between them.
public struct FusedCatalog: Hashable, Sendable {
    /// The models, in the order given; where blocks were joined, their steps are units.
    public let models: [ServableModel]
    /// The units of two and more blocks, and of blocks whose edges are blocked, by their id.
    public let units: [BlockID: LoadingUnit]

    /// A unit is written as one ONNX file when it is compiled, and those have to stay below 2 GB.
    public static let unitByteLimit = ByteCount(1 << 30)

    /// Joins what can be joined.
    ///
    /// - Complexity: O(s log s) for s steps in all.
    public init(_ models: [ServableModel], limit: ByteCount = Self.unitByteLimit) {
        var rewriter = UnitRewriter(models)
        for run in BlockRuns(models, limit: limit).runs { rewriter.fuse(run) }
        self.models = rewriter.models
        units = rewriter.units
    }

    init(models: [ServableModel], units: [BlockID: LoadingUnit]) {
        self.models = models
        self.units = units
    }
}

/// The longest runs of blocks that always come one after the other.
struct BlockRuns {
    /// Two blocks and more each.
    private(set) var runs: [[BlockID]] = []
    private var followers: [BlockID: Set<BlockID?>] = [:]
    private var predecessors: [BlockID: Set<BlockID?>] = [:]

    init(_ models: [ServableModel], limit: ByteCount) {
        for model in models {
            var last: BlockID?
            for step in model.steps {
                predecessors[step.block.id, default: []].insert(last)
                if let last { followers[last, default: []].insert(step.block.id) }
                last = step.block.id
            }
            if let last { followers[last, default: []].insert(nil) }
        }
        let sizes = Self.sizes(models)
        var seen = Set<BlockID>()
        for block in models.flatMap(\.blocks) where seen.insert(block.id).inserted && predecessor(of: block.id) == nil {
            collect(from: block.id, sizes: sizes, limit: limit)
        }
    }

    private static func sizes(_ models: [ServableModel]) -> [BlockID: ByteCount] {
        Dictionary(models.flatMap(\.blocks).map { ($0.id, $0.size) }) { first, _ in first }
    }

    private mutating func collect(from first: BlockID, sizes: [BlockID: ByteCount], limit: ByteCount) {
        var run = [first]
        var bytes = sizes[first] ?? .zero
        var last = first
        while let next = follower(of: last), next != first {
            let size = sizes[next] ?? .zero
            if bytes + size > limit {
                if run.count > 1 { runs.append(run) }
                (run, bytes) = ([], .zero)
            }
            run.append(next)
            bytes += size
            last = next
        }
        if run.count > 1 { runs.append(run) }
    }

    /// The block that always comes after `block` and never after another.
    private func follower(of block: BlockID) -> BlockID? {
        guard let next = followers[block], next.count == 1, case .some(.some(let id)) = next.first, id != block,
            predecessors[id]?.count == 1
        else { return nil }
        return id
    }

    private func predecessor(of block: BlockID) -> BlockID? {
        guard let previous = predecessors[block], previous.count == 1, case .some(.some(let id)) = previous.first,
            follower(of: id) == block
        else { return nil }
        return id
    }
}
