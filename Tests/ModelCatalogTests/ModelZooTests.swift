import FoundationEssentials
import Testing

@testable import ModelCatalog

struct ModelZooTests {
    private static func zoo(_ depths: [Int], shared: Double, _ sharing: ModelZoo.Sharing = .prefix) throws -> ModelZoo {
        var zoo = try ModelZoo(depths: depths, variants: 2, shared: shared, sharing: sharing, seed: 3)
        zoo.width = 4
        zoo.imageSize = 32
        return zoo
    }

    @Test(arguments: [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032)])
    func `The real networks have as many parameters as torchvision says`(depth: Int, published: Int) throws {
        let network = try #require(ResNetArchitecture(depth: depth, width: 64, imageSize: 224))
        let parameters = network.layers.reduce(0) { $0 + $1.byteCount } / 4
        // Folded, a normalisation has a bias for each channel in place of a scale and a shift.
        let channels = network.layers.dropLast().reduce(0) { $0 + $1.shape[0] }
        #expect(parameters + channels == published)
    }

    @Test func `Equal seeds write equal files, other seeds others`() throws {
        let folder = try TemporaryFolder()
        var zoo = try Self.zoo([18], shared: 0.5)
        zoo.variants = 1
        try zoo.write(to: folder.path + "/a") { _ in }
        try zoo.write(to: folder.path + "/b") { _ in }
        zoo.seed = 4
        try zoo.write(to: folder.path + "/c") { _ in }
        let files = try ["a", "b", "c"].map {
            try #require(FileManager.default.contents(atPath: "\(folder.path)/\($0)/resnet18-0.onnx"))
        }
        #expect(files[0] == files[1])
        #expect(files[0] != files[2])
    }

    @Test(arguments: ModelZoo.Sharing.allCases, [18, 34, 50])
    func `Variants share what is said, and nothing else`(sharing: ModelZoo.Sharing, depth: Int) throws {
        let folder = try TemporaryFolder()
        let zoo = try Self.zoo([depth], shared: 0.8, sharing)
        var members: [ModelZoo.Member] = []
        try zoo.write(to: folder.path) { members.append($0) }
        let models = try members.map { try ONNXModel(readingFrom: $0.path, byteLimit: 1 << 30) }
        let weights = models.map {
            Dictionary(uniqueKeysWithValues: $0.proto.graph.initializer.map { ($0.name, $0.rawData) })
        }
        let equal = weights[0].filter { weights[1][$0.key] == $0.value }.values.reduce(0) { $0 + $1.count }
        #expect(equal == members[0].sharedBytes)
        #expect(equal > 0 || members[0].sharedBytes == 0)
    }

    @Test(arguments: [18, 34, 50], [0.2, 0.5, 0.8, 0.9])
    func `A family of thirty shares what is wanted within 2 percent`(depth: Int, wanted: Double) throws {
        let network = try #require(ResNetArchitecture(depth: depth, width: 64, imageSize: 224))
        for sharing in ModelZoo.Sharing.allCases {
            let zoo = try ModelZoo(depths: [depth], variants: 30, shared: wanted, sharing: sharing, seed: 3)
            let shared = zoo.sharedLayers(of: network)
            // As a store counts: what at least two variants have.
            let bytes = shared.indices.map { variant in
                network.layers.filter { layer in
                    shared[variant].contains(layer.name)
                        && shared.indices.contains { $0 != variant && shared[$0].contains(layer.name) }
                }.reduce(0) { $0 + $1.byteCount }
            }
            let total = network.layers.reduce(0) { $0 + $1.byteCount } * 30
            let part = Double(bytes.reduce(0, +)) / Double(total)
            #expect(abs(part - wanted) <= 0.02 * wanted, "\(sharing) \(part)")
        }
    }

    @Test func `Drawn by lot, two variants share what is wanted`() throws {
        for depth in [18, 34, 50] {
            let network = try #require(ResNetArchitecture(depth: depth, width: 64, imageSize: 224))
            let zoo = try ModelZoo(depths: [depth], variants: 2, shared: 0.8, sharing: .anywhere, seed: 7)
            let shared = zoo.sharedLayers(of: network)
            let bytes = network.layers.filter { shared[0].contains($0.name) }.reduce(0) { $0 + $1.byteCount }
            let total = network.layers.reduce(0) { $0 + $1.byteCount }
            #expect(shared[0] == shared[1])
            #expect(abs(Double(bytes) / Double(total) - 0.8) <= 0.016)
        }
    }

    @Test func `A prefix is shared from the bottom without a gap, a block deeper in some variants`() throws {
        let network = try #require(ResNetArchitecture(depth: 50, width: 64, imageSize: 224))
        let zoo = try ModelZoo(depths: [50], variants: 10, shared: 0.8)
        let shared = zoo.sharedLayers(of: network)
        for layers in shared {
            #expect(network.layers.prefix(layers.count).allSatisfy { layers.contains($0.name) })
            #expect(layers.count < network.layers.count)
        }
        #expect(Set(shared).count == 2)
    }

    @Test func `A zoo that cannot be is refused`() {
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [19], variants: 1, shared: 0) }
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [18], variants: 0, shared: 0) }
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [18], variants: 1, shared: 1.5) }
    }
}
