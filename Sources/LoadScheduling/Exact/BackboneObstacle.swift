/// Why a problem is not of the backbone-sharing case.
public enum BackboneObstacle: Hashable, Sendable, CustomStringConvertible {
    /// Blocks stay resident beyond the next batch.
    case reuseIsNotConsecutive
    /// Loads run beside inference.
    case loadsOverlap
    /// Requests are not worth the same.
    case weightsDiffer
    /// Requests have different deadlines.
    case deadlinesDiffer
    /// Uploads that nobody paces end only after the first batch could start.
    case unpacedUploads
    /// A model's batches may hold fewer requests than ask for it.
    case batchesLimited
    /// This block is in several models of a cluster but not in all.
    case partlySharedBlock(Int)

    /// The reason in words.
    public var description: String {
        switch self {
        case .reuseIsNotConsecutive: "reuse is not consecutive"
        case .loadsOverlap: "loads overlap inference"
        case .weightsDiffer: "the requests' weights differ"
        case .deadlinesDiffer: "the requests' deadlines differ"
        case .unpacedUploads: "uploads that nobody paces are still under way"
        case .batchesLimited: "a model's batches are limited to fewer requests than ask for it"
        case .partlySharedBlock(let block): "block \(block) is shared by some models of its cluster but not by all"
        }
    }
}
