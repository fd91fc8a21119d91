import LoadScheduling

/// Makes libraries of models that share blocks, with the times a ``CostModel`` gives.
public struct LibraryMaker: Sendable {
    /// What loads and batches take.
    public var costs: CostModel
    private(set) var library = ModelLibrary()

    /// Makes one without models.
    public init(costs: CostModel) {
        self.costs = costs
    }

    /// Families of `models` models in all, dealt out in turn over `architectures`, fine-tuned with frozen bottom layers: the
    /// paper's backbone sharing. All models of a family share its first blocks, ``frozenBlocks(of:share:)``, and nothing else.
    public static func backbone(
        _ architectures: [Architecture] = [.resnet18, .resnet34, .resnet50],
        models: Int,
        share: Double,
        costs: CostModel
    ) -> ModelLibrary {
        var maker = LibraryMaker(costs: costs)
        for (index, architecture) in architectures.enumerated() {
            let family = maker.addFamily(architecture.name)
            let frozen = frozenBlocks(of: architecture, share: share)
            let shared = architecture.blocks[..<frozen].map { maker.addBlock($0) }
            for variant in 0..<part(of: models, index, architectures.count) {
                let own = architecture.blocks[frozen...].map { maker.addBlock($0) }
                maker.addModel(shared + own, family, architecture.operations, variant)
            }
        }
        return maker.library
    }

    /// Families that share at arbitrary positions, the paper's general case. Each family has two origins; a model takes each block
    /// but the head from an origin with probability `share`, mostly (0.85) from its own, and otherwise has it for itself.
    public static func general(
        _ architectures: [Architecture] = [.resnet18, .resnet34, .resnet50],
        models: Int,
        share: Double,
        costs: CostModel,
        random: inout some RandomNumberGenerator
    ) -> ModelLibrary {
        var maker = LibraryMaker(costs: costs)
        for (index, architecture) in architectures.enumerated() {
            let family = maker.addFamily(architecture.name)
            let body = architecture.blocks.dropLast()
            var origins = [[Int?]](repeating: Array(repeating: nil, count: body.count), count: 2)
            for variant in 0..<part(of: models, index, architectures.count) {
                var blocks: [Int] = []
                for (position, block) in body.enumerated() {
                    let isShared = Double.random(in: 0..<1, using: &random) < share
                    let strays = Double.random(in: 0..<1, using: &random) < 0.15
                    let origin = (variant + (strays ? 1 : 0)) % 2
                    let chosen = (isShared ? origins[origin][position] : nil) ?? maker.addBlock(block)
                    if isShared { origins[origin][position] = chosen }
                    blocks.append(chosen)
                }
                blocks += architecture.blocks.suffix(1).map { maker.addBlock($0) }
                maker.addModel(blocks, family, architecture.operations, variant)
            }
        }
        return maker.library
    }

    /// `families` vision transformers, each with `models / families` sets of adapters and heads, which are all a task has for
    /// itself: shared and own blocks alternate.
    public static func adapted(families: Int, models: Int, costs: CostModel) -> ModelLibrary {
        var maker = LibraryMaker(costs: costs)
        let architecture = Architecture.visionTransformer
        let layers = architecture.blocks.count - 2
        for index in 0..<families {
            let family = maker.addFamily("\(architecture.name)-\(index)")
            let shared = architecture.blocks.dropLast().map { maker.addBlock($0) }
            for variant in 0..<part(of: models, index, families) {
                var blocks = [shared[0]]
                for layer in 1...layers { blocks += [shared[layer], maker.addBlock(Architecture.adapters)] }
                blocks += architecture.blocks.suffix(1).map { maker.addBlock($0) }
                let operations = architecture.operations + layers * Architecture.adapters.operations
                maker.addModel(blocks, family, operations, variant)
            }
        }
        return maker.library
    }

    /// How many of the first blocks hold the part of the bytes nearest to `share`; the head is never among them.
    public static func frozenBlocks(of architecture: Architecture, share: Double) -> Int {
        let wanted = share * Double(architecture.bytes)
        var (sum, best, distance) = (0.0, 0, wanted)
        for (index, block) in architecture.blocks.dropLast().enumerated() {
            sum += Double(block.bytes)
            if abs(sum - wanted) <= distance { (best, distance) = (index + 1, abs(sum - wanted)) }
        }
        return best
    }

    /// How many of `total` the one with `index` of `count` gets.
    private static func part(of total: Int, _ index: Int, _ count: Int) -> Int {
        total / count + (index < total % count ? 1 : 0)
    }

    private mutating func addFamily(_ name: String) -> Int {
        library.familyNames.append(name)
        return library.familyNames.count - 1
    }

    private mutating func addBlock(_ block: Architecture.Block) -> Int {
        let seconds = costs.loadSeconds(bytes: block.bytes)
        library.server.blocks.append(EdgeServer.Block(bytes: block.bytes, loadSeconds: seconds))
        return library.server.blocks.count - 1
    }

    private mutating func addModel(_ blocks: [Int], _ family: Int, _ operations: Int, _ variant: Int) {
        library.server.models.append(
            EdgeServer.Model(
                blocks: blocks,
                baseSeconds: costs.baseSeconds(blocks: blocks.count),
                itemSeconds: costs.itemSeconds(operations: Double(operations))
            )
        )
        library.modelNames.append("\(library.familyNames[family])-\(variant)")
        library.families.append(family)
    }
}
