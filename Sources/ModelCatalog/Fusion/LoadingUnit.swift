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

    /// The hash of the members' hashes and of how they are put together.
    public let id: BlockID
    /// The blocks, in the order they run; two at least.
    public let members: [Member]
    /// What the unit hands on, in the order of its own outputs.
    public let outputs: [Output]

    init(members: [Member], outputs: [Output]) {
        self.members = members
        self.outputs = outputs
        let parts = members.map { "\($0.block.hash) \($0.inputs.map(\.text).joined(separator: ","))" }
        let text = (["unit 1"] + parts + [outputs.map { "\($0.member).\($0.output)" }.joined(separator: ",")])
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
