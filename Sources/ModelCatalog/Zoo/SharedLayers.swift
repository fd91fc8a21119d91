/// The layers that variants of one network share: whole residual blocks, which is what is frozen and trained together,
/// and what an import tells apart.
struct SharedLayers {
    /// For each variant, the names of the layers whose weights others have, too.
    let ofVariant: [Set<String>]

    /// Chooses for `variants` networks that together share as near to `wanted` of their bytes as whole blocks come.
    ///
    /// From the bottom up (`prefix`), the cut above and the one below what is wanted are often far apart. So some
    /// variants share one block more than the others, as if it had been frozen for longer. Drawn by lot (`anywhere`),
    /// all variants share the same blocks.
    init(of network: ResNetArchitecture, variants: Int, wanted: Double, sharing: ModelZoo.Sharing, seed: UInt64) {
        let blocks = network.residualBlocks
        let sizes = blocks.map { block in block.reduce(0) { $0 + $1.byteCount } }
        let target = Int((Double(sizes.reduce(0, +)) * wanted).rounded())
        let chosen: [[Int]]
        switch sharing {
        case .prefix:
            chosen = Self.prefixes(sizes, variants: variants, target: target).map { Array(0..<$0) }
        case .anywhere:
            var order = Array(sizes.indices)
            var lots = ZooGenerator(seed: seed, name: "resnet\(network.depth) lots")
            for last in order.indices.reversed() { order.swapAt(last, Int(lots.next() % UInt64(last + 1))) }
            let picked = Self.subset(of: order, sizes, target: target)
            chosen = Array(repeating: picked, count: variants)
        }
        ofVariant = chosen.map { Set($0.flatMap { blocks[$0].map(\.name) }) }
    }

    /// How many blocks each variant shares, counted from the bottom: one of two neighbouring numbers.
    private static func prefixes(_ sizes: [Int], variants: Int, target: Int) -> [Int] {
        var (low, bytes) = (0, 0)
        while low < sizes.count, bytes + sizes[low] <= target {
            bytes += sizes[low]
            low += 1
        }
        guard low < sizes.count else { return Array(repeating: low, count: variants) }
        let missing = (target - bytes) * variants
        // A block that only one variant has is shared with nobody.
        let counts = (0...variants).filter { variants == 1 || $0 != 1 }
        let count = counts.min { abs($0 * sizes[low] - missing) < abs($1 * sizes[low] - missing) } ?? 0
        return (0..<variants).map { low + (($0 + 1) * count / variants > $0 * count / variants ? 1 : 0) }
    }

    /// The first subset, those earlier in `order` preferred, that comes within a hundredth of `target`; where none
    /// does, the tolerance doubles.
    ///
    /// - Complexity: O(2^n) for n blocks, of which there are at most 18.
    private static func subset(of order: [Int], _ sizes: [Int], target: Int) -> [Int] {
        var tolerance = max(target / 100, 1)
        while true {
            if let found = subset(of: order[...], sizes, (target - tolerance)...(target + tolerance)) { return found }
            tolerance *= 2
        }
    }

    private static func subset(of order: ArraySlice<Int>, _ sizes: [Int], _ wanted: ClosedRange<Int>) -> [Int]? {
        if wanted.contains(0) { return [] }
        guard let first = order.first, wanted.lowerBound > 0,
            order.reduce(0, { $0 + sizes[$1] }) >= wanted.lowerBound
        else { return nil }
        let (rest, size) = (order.dropFirst(), sizes[first])
        if let with = subset(of: rest, sizes, (wanted.lowerBound - size)...(wanted.upperBound - size)) {
            return [first] + with
        }
        return subset(of: rest, sizes, wanted)
    }
}
