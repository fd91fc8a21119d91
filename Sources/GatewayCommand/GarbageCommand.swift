import ArgumentParser
import Gateway
import ModelCatalog
import ServingCore

/// `gateway gc`: frees what no model uses.
struct GarbageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove the blocks that no model in the store and no running gateway uses."
    )

    @OptionGroup var common: CommonOptions

    func run() throws {
        let freed = try BlockStore(directory: try common.configuration().store).removeUnusedBlocks()
        let kept = freed.blocksInUse > 0 ? ", \(freed.blocksInUse) blocks kept for running gateways" : ""
        print("\(freed.blocks) blocks removed, \(freed.bytes.rawValue) bytes freed\(kept)")
    }
}
