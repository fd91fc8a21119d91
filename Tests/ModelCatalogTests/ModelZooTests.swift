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

    @Test(arguments: ModelZoo.Sharing.allCases, [18, 34, 50])
    func `The shared part is as near to what is wanted as whole residual blocks come`(
        sharing: ModelZoo.Sharing,
        depth: Int
    ) throws {
        let network = try #require(ResNetArchitecture(depth: depth, width: 64, imageSize: 224))
        let shared = try Self.zoo([depth], shared: 0.8, sharing).sharedLayers(of: network)
        let total = network.layers.reduce(0) { $0 + $1.byteCount }
        let bytes = network.layers.filter { shared.contains($0.name) }.reduce(0) { $0 + $1.byteCount }
        #expect(abs(Double(bytes) / Double(total) - 0.8) < 0.16)
    }

    @Test func `A prefix is shared from the bottom without a gap`() throws {
        let network = try #require(ResNetArchitecture(depth: 50, width: 64, imageSize: 224))
        let shared = try Self.zoo([50], shared: 0.8).sharedLayers(of: network)
        #expect(network.layers.prefix(shared.count).allSatisfy { shared.contains($0.name) })
        #expect(shared.count < network.layers.count)
    }

    @Test func `A zoo that cannot be is refused`() {
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [19], variants: 1, shared: 0) }
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [18], variants: 0, shared: 0) }
        #expect(throws: CatalogError.self) { try ModelZoo(depths: [18], variants: 1, shared: 1.5) }
    }
}
