import LoadScheduling
import ServingCore
import TestSupport

/// Random problems of every mode, from a seed.
enum ProblemMaker {
    struct Shape {
        var requests = 12
        var families = 2
        var variants = 3
        var blocksPerFamily = 3
        var reuse = EdgeServer.Reuse.consecutive
        var overlap = false
        var shares = EdgeServer.Shares.constant
        /// Memory over the largest model's.
        var memoryFactor = 1.5
        /// What the uplink carries over what all requests need with their whole deadline.
        var uplinkFactor = 0.8
        var weights = false
    }

    static let modes: [(EdgeServer.Reuse, Bool)] = [
        (.consecutive, false), (.consecutive, true), (.retained, false), (.retained, true),
    ]

    /// Shares that vary for every third seed.
    static func shares(_ seed: UInt64) -> EdgeServer.Shares { seed % 3 == 1 ? .varying : .constant }

    static func problem(_ shape: Shape, seed: UInt64) -> SchedulingProblem {
        var random = SeededGenerator(seed: seed)
        var server = server(shape, &random)
        let requests = (0..<shape.requests).map { _ in
            SchedulingProblem.Request(
                model: .random(in: 0..<max(server.models.count, 1), using: &random),
                bits: .random(in: 1e5...1e6, using: &random),
                efficiency: .random(in: 1...6, using: &random),
                deadline: .random(in: 0.03...0.25, using: &random),
                weight: shape.weights ? Double(Int.random(in: 1...4, using: &random)) : 1
            )
        }
        let needed = requests.reduce(0) { $0 + $1.uplinkWork / $1.deadline }
        server.uplink = Hertz(needed * shape.uplinkFactor)
        return SchedulingProblem(server: server, requests: requests)
    }

    private static func server(_ shape: Shape, _ random: inout SeededGenerator) -> EdgeServer {
        var blocks: [EdgeServer.Block] = []
        var models: [EdgeServer.Model] = []
        func add() -> Int {
            let bytes = Int.random(in: 100_000...5_000_000, using: &random)
            blocks.append(EdgeServer.Block(bytes: bytes, loadSeconds: 0.0002 + Double(bytes) / 4e8))
            return blocks.count - 1
        }
        for _ in 0..<shape.families {
            let shared = (0..<shape.blocksPerFamily).map { _ in add() }
            for _ in 0..<shape.variants {
                models.append(
                    EdgeServer.Model(
                        blocks: shared + [add()],
                        baseSeconds: .random(in: 0.001...0.006, using: &random),
                        itemSeconds: .random(in: 0.0002...0.002, using: &random)
                    )
                )
            }
        }
        var server = EdgeServer(
            blocks: blocks,
            models: models,
            memoryBytes: 0,
            reuse: shape.reuse,
            overlap: shape.overlap,
            shares: shape.shares
        )
        let largest = models.indices.map { server.bytes(ofModel: $0) }.max() ?? 0
        server.memoryBytes = Int(Double(largest) * shape.memoryFactor)
        return server
    }
}
