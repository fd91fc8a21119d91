/// Which blocks are resident while a timeline is computed: scratch that keeps its memory.
struct Residency: Sendable {
    /// Blocks that must not be evicted for the load at hand.
    var protected = BlockSet()
    /// What they take, as far as ``protect(_:on:)`` counted them.
    private(set) var protectedBytes = 0
    /// Blocks evicted since this was last emptied.
    var evicted: [Int] = []
    private var resident = BlockSet()
    private var bytes = 0
    private var candidates = BlockSet()
    private var uses = NextUses()
    private var victims = VictimHeap()

    /// Starts from what is resident in `state`.
    mutating func begin(_ state: ServerState, on server: EdgeServer) {
        resident.assign(state.resident)
        bytes = server.bytes(of: resident)
        uses.reset()
    }

    func contains(_ block: Int) -> Bool { resident.contains(block) }

    /// Drops everything but `blocks`: what the paper keeps from one batch to the next.
    mutating func keepOnly(_ blocks: BlockSet, on server: EdgeServer) {
        resident.assign(blocks)
        bytes = server.bytes(of: resident)
    }

    /// Seconds and bytes of those of `blocks` that are not resident.
    func missing(of blocks: [Int], on server: EdgeServer) -> (seconds: Double, bytes: Int) {
        var seconds = 0.0
        var sum = 0
        for block in blocks where !resident.contains(block) {
            seconds += server.blocks[block].loadSeconds
            sum &+= server.blocks[block].bytes
        }
        return (seconds, sum)
    }

    mutating func insert(_ blocks: [Int], on server: EdgeServer) {
        for block in blocks where resident.insert(block) { bytes &+= server.blocks[block].bytes }
    }

    /// Whether that many more bytes fit without evicting anything.
    func hasRoom(for needed: Int, on server: EdgeServer) -> Bool { bytes + needed <= server.memoryBytes }

    /// Starts a new set of blocks that must not be evicted.
    mutating func beginProtecting(_ pinned: BlockSet, and blocks: BlockSet, on server: EdgeServer) {
        protected.assign(pinned)
        protected.formUnion(blocks)
        protectedBytes = server.bytes(of: protected)
    }

    /// Adds to the blocks that must not be evicted, counting them.
    mutating func protect(_ blocks: [Int], on server: EdgeServer) {
        for block in blocks where protected.insert(block) { protectedBytes &+= server.blocks[block].bytes }
    }

    /// Evicts until `needed` more bytes fit: the block whose next use after batch `index` lies furthest away goes first, and
    /// among those never used again the one least worth keeping. Blocks in `protected` stay.
    mutating func makeRoom(_ needed: Int, for index: Int, of batches: [BatchOutline], on server: EdgeServer) {
        guard server.reuse == .retained, !hasRoom(for: needed, on: server) else { return }
        uses.advance(to: index, of: batches, on: server)
        candidates.assign(resident)
        candidates.subtract(protected)
        victims.fill(candidates, uses, server)
        while !hasRoom(for: needed, on: server), let block = victims.popFirst() {
            resident.remove(block)
            bytes &-= server.blocks[block].bytes
            evicted.append(block)
        }
    }
}
