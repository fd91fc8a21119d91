public import LoadScheduling

/// The models an edge server may be asked for: an `EdgeServer` with a name and a family for each model.
public struct ModelLibrary: Sendable {
    /// Blocks and models by dense index; its memory, uplink and modes are the experiment's to set.
    public var server: EdgeServer
    /// For each model, its name: `resnet18-3`.
    public var modelNames: [String]
    /// For each model, the index of its family in ``familyNames``.
    public var families: [Int]
    /// The families, by index.
    public var familyNames: [String]

    /// Makes a library; `modelNames` and `families` have an entry for each model of `server`.
    public init(server: EdgeServer, modelNames: [String], families: [Int], familyNames: [String]) {
        precondition(server.models.count == modelNames.count && modelNames.count == families.count)
        self.server = server
        self.modelNames = modelNames
        self.families = families
        self.familyNames = familyNames
    }

    /// An empty one, to be filled.
    public init() {
        self.init(server: EdgeServer(memoryBytes: .max), modelNames: [], families: [], familyNames: [])
    }

    /// What the largest model takes in memory, in bytes.
    public var largestModelBytes: Int {
        server.models.indices.reduce(0) { max($0, server.bytes(ofModel: $1)) }
    }

    /// Seconds to load every model in full, one after the other.
    public var secondsToLoadAll: Double {
        server.models.reduce(0) { $1.blocks.reduce($0) { $0 + server.blocks[$1].loadSeconds } }
    }

    /// Bytes of all models, each block counted as often as models have it, and counted once.
    public var bytes: (unshared: Int, shared: Int) {
        let unshared = server.models.indices.reduce(0) { $0 + server.bytes(ofModel: $1) }
        return (unshared, server.blocks.reduce(0) { $0 + $1.bytes })
    }
}
