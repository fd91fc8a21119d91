internal import ModelServing
internal import ServingCore

/// Blocks that come and go in turn, as they do where memory is short: each order brings in the next ones and puts out those that
/// came first, so that every load is into memory that was used for something else since.
struct LoadTurn: Sendable {
    /// The blocks, in the order in which they come.
    let blocks: [ParameterBlock]
    /// How many bytes of them are in memory at a time, where one order does not need more.
    let limit: ByteCount

    private var resident: [ParameterBlock] = []
    private var place = 0

    /// A gateway's loads are for one batch, of whose blocks others are there already.
    private static let blocksPerOrder = 2

    /// Makes a turn of half of all `blocks` at a time, so that each is gone before it comes again, within `memory`.
    init(_ blocks: [ParameterBlock], memory: ByteCount) {
        self.blocks = blocks
        let half = blocks.reduce(ByteCount.zero) { $0 + $1.size }.rawValue / 2
        limit = min(ByteCount(half), max(memory, .zero))
    }

    /// The next change of what is in memory; nothing where there is no block.
    ///
    /// - Complexity: O(blocks in memory).
    mutating func next() -> ResidencyOrder {
        var loads: [ParameterBlock] = []
        while loads.count < min(Self.blocksPerOrder, blocks.count) {
            loads.append(blocks[place])
            place = (place + 1) % blocks.count
        }
        var evictions: [BlockID] = []
        let coming = Set(loads.map(\.id))
        var used = (resident + loads).reduce(ByteCount.zero) { $0 + $1.size }
        while let first = resident.first, used > limit || resident.contains(where: { coming.contains($0.id) }) {
            resident.removeFirst()
            evictions.append(first.id)
            used -= first.size
        }
        resident += loads
        return ResidencyOrder(evictions: evictions, loads: loads)
    }
}
