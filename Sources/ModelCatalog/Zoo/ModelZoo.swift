import FoundationEssentials
import SwiftProtobuf

/// A family of residual networks with random weights, some of which all variants of a depth share: what everything that
/// loads models is timed with.
public struct ModelZoo: Sendable {
    /// Which layers the variants of a depth share.
    public enum Sharing: String, CaseIterable, Sendable {
        /// The bottom ones, as if they had been frozen while the rest was trained on; in some variants one residual
        /// block more than in others, so that all together share what is wanted.
        case prefix
        /// Ones drawn by lot.
        case anywhere
    }

    /// How deep the networks are: 18, 34, 50.
    public var depths: [Int]
    /// How many networks there are of each depth.
    public var variants: Int
    /// The part of the bytes of a depth's networks that others of that depth have, too, from 0 to 1.
    public var shared: Double
    /// Which part that is.
    public var sharing: Sharing
    /// What all weights and lots follow from.
    public var seed: UInt64
    /// Channels of the first stage; 64 is the real network's.
    public var width = 64
    /// Height and width of the images; 224 is the real network's.
    public var imageSize = 224

    /// Makes a zoo; throws ``CatalogError`` of code `unsupportedModel` that names the value at fault.
    public init(
        depths: [Int],
        variants: Int,
        shared: Double,
        sharing: Sharing = .prefix,
        seed: UInt64 = 0
    ) throws(CatalogError) {
        for depth in depths where !ResNetArchitecture.depths.contains(depth) {
            throw CatalogError(.unsupportedModel, "there is no ResNet of depth \(depth), only 18, 34 and 50")
        }
        guard !depths.isEmpty, (1...10_000).contains(variants), (0...1).contains(shared) else {
            throw CatalogError(.unsupportedModel, "a zoo has a depth, 1 to 10000 variants, and shares 0 to 1")
        }
        self.depths = depths
        self.variants = variants
        self.shared = shared
        self.sharing = sharing
        self.seed = seed
    }

    /// One file that was written.
    public struct Member: Hashable, Sendable {
        /// How deep the network is.
        public var depth: Int
        /// Where it lies.
        public var path: String
        /// The name to import it under.
        public var name: String
        /// Bytes of its weights.
        public var parameterBytes: Int
        /// Those of them that other variants of its depth have, too.
        public var sharedBytes: Int
    }

    /// The part of the bytes of `members` that others have, too; 0 where there are none.
    public static func sharedPart(of members: [Member]) -> Double {
        let total = members.reduce(0) { $0 + $1.parameterBytes }
        return Double(members.reduce(0) { $0 + $1.sharedBytes }) / Double(max(total, 1))
    }

    /// Whether `members`, all of one depth, share within 2 % of what is wanted.
    public func isNearWanted(_ members: [Member]) -> Bool {
        abs(Self.sharedPart(of: members) - shared) <= 0.02 * shared
    }

    /// Writes all networks into `folder`, each a file of its own, and calls `report` after each.
    ///
    /// Throws ``CatalogError`` of code `storageFailed`. Only one layer's weights are in memory at a time.
    public func write(to folder: String, report: (Member) -> Void) throws(CatalogError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CatalogError(.storageFailed, "\(folder): \(error)")
        }
        for depth in depths {
            guard let network = ResNetArchitecture(depth: depth, width: width, imageSize: imageSize) else { continue }
            for (variant, common) in sharedLayers(of: network).enumerated() {
                report(try write(network, variant: variant, common: common, to: folder))
            }
        }
    }

    /// For each variant, the layers it shares with others.
    func sharedLayers(of network: ResNetArchitecture) -> [Set<String>] {
        SharedLayers(of: network, variants: variants, wanted: shared, sharing: sharing, seed: seed).ofVariant
    }

    private func write(
        _ network: ResNetArchitecture,
        variant: Int,
        common: Set<String>,
        to folder: String
    ) throws(CatalogError) -> Member {
        let name = "resnet\(network.depth)-\(variant)"
        let path = "\(folder)/\(name).onnx"
        do {
            try ZooFile(path).write(network) { layer in
                let owner = common.contains(layer.name) ? "common" : "variant \(variant)"
                return ZooGenerator(seed: seed, name: "resnet\(network.depth) \(owner) \(layer.name)")
            }
        } catch {
            throw CatalogError(.storageFailed, "\(path): \(error)")
        }
        let shared = network.layers.filter { common.contains($0.name) }
        return Member(
            depth: network.depth,
            path: path,
            name: name,
            parameterBytes: network.layers.reduce(0) { $0 + $1.byteCount },
            sharedBytes: shared.reduce(0) { $0 + $1.byteCount }
        )
    }
}
