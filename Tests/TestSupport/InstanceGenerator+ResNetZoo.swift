import LoadScheduling

/// A server whose models are variants of ResNets, cut at their residual blocks.
struct ResNetZoo {
    /// A family: one architecture, fine-tuned for many tasks.
    enum Architecture: CaseIterable {
        case resnet18, resnet34, resnet50

        /// Bytes of float32 parameters of the stem, each residual block, and the head.
        var blockBytes: [Int] {
            switch self {
            case .resnet18:
                [37_888, 294_912, 294_912, 917_504, 1_179_648, 3_670_016, 4_718_592, 14_680_064, 18_874_368, 204_800]
            case .resnet34:
                [37_888, 294_912, 294_912, 294_912, 917_504, 1_179_648, 1_179_648, 1_179_648, 3_670_016, 4_718_592]
                    + [4_718_592, 4_718_592, 4_718_592, 4_718_592, 14_680_064, 18_874_368, 18_874_368, 204_800]
            case .resnet50:
                [37_888, 294_912, 278_528, 278_528, 1_507_328, 1_114_112, 1_114_112, 1_114_112, 6_029_312, 4_456_448]
                    + [4_456_448, 4_456_448, 4_456_448, 4_456_448, 24_117_248, 17_825_792, 17_825_792, 819_200]
            }
        }

        var baseSeconds: Double {
            switch self {
            case .resnet18: 0.002
            case .resnet34: 0.003
            case .resnet50: 0.004
            }
        }
    }

    private(set) var server = EdgeServer(memoryBytes: 400_000_000, reuse: .consecutive, overlap: false)
    private let bytesPerSecond: Double
    private let secondsPerBlock: Double

    init(_ random: inout SeededGenerator) {
        bytesPerSecond = .random(in: 1e9...4e9, using: &random)
        secondsPerBlock = .random(in: 0.0001...0.0004, using: &random)
    }

    /// Seconds to load every model in full.
    var secondsToLoadAll: Double {
        server.models.reduce(0) { $1.blocks.reduce($0) { $0 + server.blocks[$1].loadSeconds } }
    }

    /// Variants that freeze the first blocks, all of them the same number, and have the rest to themselves.
    mutating func addBackbone(_ architecture: Architecture, variants: Int, _ random: inout SeededGenerator) {
        let sizes = architecture.blockBytes
        let frozen = Int.random(in: (sizes.count * 6 / 10)..<sizes.count, using: &random)
        let shared = sizes[..<frozen].map { addBlock($0) }
        for _ in 0..<variants {
            addModel(shared + sizes[frozen...].map { addBlock($0) }, architecture, &random)
        }
    }

    /// Variants that take most blocks from the one of two pools they were tuned from, some from two others, and, with
    /// probability `own`, one of their own; the head always is.
    mutating func addPooled(
        _ architecture: Architecture,
        variants: Int,
        own: Double,
        _ random: inout SeededGenerator
    ) {
        let sizes = architecture.blockBytes
        var pools = [[Int?]](repeating: Array(repeating: nil, count: sizes.count), count: 4)
        for variant in 0..<variants {
            var blocks: [Int] = []
            for position in sizes.indices.dropLast() {
                guard Double.random(in: 0..<1, using: &random) >= own else {
                    blocks.append(addBlock(sizes[position]))
                    continue
                }
                let strays = Double.random(in: 0..<1, using: &random) < 0.12
                let pool = strays ? Int.random(in: 0..<4, using: &random) : variant % 2
                let block = pools[pool][position] ?? addBlock(sizes[position])
                pools[pool][position] = block
                blocks.append(block)
            }
            addModel(blocks + sizes.suffix(1).map { addBlock($0) }, architecture, &random)
        }
    }

    /// Variants with `sharedBlocks` in common; blocks are between a stem's and a last stage's size.
    mutating func addCluster(
        variants: Int,
        sharedBlocks: Int,
        ownBlocks: Int,
        _ random: inout SeededGenerator
    ) {
        let sizes = Architecture.resnet34.blockBytes
        let shared = (0..<sharedBlocks).map { addBlock(sizes[$0 % sizes.count]) }
        for _ in 0..<variants {
            addModel(shared + (0..<ownBlocks).map { addBlock(sizes[$0 % sizes.count]) }, .resnet34, &random)
        }
    }

    private mutating func addBlock(_ bytes: Int) -> Int {
        let seconds = secondsPerBlock + Double(bytes) / bytesPerSecond
        server.blocks.append(EdgeServer.Block(bytes: bytes, loadSeconds: seconds))
        return server.blocks.count - 1
    }

    private mutating func addModel(
        _ blocks: [Int],
        _ architecture: Architecture,
        _ random: inout SeededGenerator
    ) {
        let base = architecture.baseSeconds
        server.models.append(
            EdgeServer.Model(
                blocks: blocks,
                baseSeconds: base,
                itemSeconds: .random(in: 0.0001...(base / 5), using: &random)
            )
        )
    }
}
