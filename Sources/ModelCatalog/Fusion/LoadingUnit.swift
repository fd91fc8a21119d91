import Crypto
import FoundationEssentials
public import ServingCore

/// Blocks that are loaded, run and evicted as one, because every model that uses one of them uses all, in this order.
public struct LoadingUnit: Hashable, Sendable {
    /// Where a member's input comes from.
    public enum Source: Hashable, Sendable {
        /// An input of the unit.
        case input(Int)
        /// An output of an earlier member.
        case member(Int, output: Int)
    }

    /// One block of the unit.
    public struct Member: Hashable, Sendable {
        /// The block.
        public var block: BlockID
        /// For each of its inputs, in its own order, where it comes from.
        public var inputs: [Source]
        /// How many outputs it has.
        public var outputCount: Int
    }

    /// An output of a member that the unit hands on.
    public struct Output: Hashable, Sendable {
        /// The member.
        public var member: Int
        /// Which of its outputs.
        public var output: Int
    }

    /// Which of the unit's inputs and outputs are images in the blocked layout of convolutions, and their channels.
    public struct Layout: Hashable, Sendable {
        /// By the place of the input.
        public var inputs: [Int: Int] = [:]
        /// By the place of the output.
        public var outputs: [Int: Int] = [:]

        /// No image in that layout.
        public init() {}
    }

    /// The hash of the members' hashes, of how they are put together, and of the layout of the edges.
    public let id: BlockID
    /// The blocks, in the order they run; two at least where no edge is blocked.
    public let members: [Member]
    /// What the unit hands on, in the order of its own outputs.
    public let outputs: [Output]
    /// The layout of its edges.
    public let layout: Layout

    init(members: [Member], outputs: [Output], layout: Layout = Layout()) {
        self.members = members
        self.outputs = outputs
        self.layout = layout
        let parts = members.map { "\($0.block.hash) \($0.inputs.map(\.text).joined(separator: ","))" }
        let handed = outputs.map { "\($0.member).\($0.output)" }.joined(separator: ",")
        let text = (["unit 1"] + parts + [handed] + layout.lines)
            .joined(separator: "\n")
        id = BlockID(SHA256.hash(data: Data(text.utf8)).hexadecimal)
    }
}

extension LoadingUnit.Source {
    fileprivate var text: String {
        switch self {
        case .input(let index): "i\(index)"
        case .member(let member, let output): "\(member).\(output)"
        }
    }
}

extension LoadingUnit.Layout {
    /// What tells units apart whose edges differ; nothing where no edge is blocked.
    fileprivate var lines: [String] {
        [("in", inputs), ("out", outputs)].flatMap { name, edges in
            edges.sorted { $0.key < $1.key }.map { "blocked \(name) \($0.key)" }
        }
    }
}
