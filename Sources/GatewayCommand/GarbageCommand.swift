import ArgumentParser
import Gateway
import ModelCatalog
import ServingCore

/// `gateway gc`: frees what no model uses.
struct GarbageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove the blocks that no model in the store and no running gateway uses.",
        discussion: """
            Compiled copies go with their blocks. Those of earlier formats, and those that another version of ONNX Runtime made \
            for this processor, go too, unless a running gateway uses them; copies for other processors stay.
            """
    )

    @OptionGroup var common: CommonOptions

    func run() throws {
        let configuration = try common.configuration()
        let stale = StaleCopies(configuration: configuration)
        let freed = try configuration.existingStore().removeUnusedBlocks { stale.contains($0) }
        let kept = freed.blocksInUse > 0 ? ", \(freed.blocksInUse) blocks kept for running gateways" : ""
        let stales = freed.staleCopies > 0 ? ", \(freed.staleCopies) compiled copies of other versions removed" : ""
        try CommandOutput.print(
            "\(freed.blocks) blocks removed, \(freed.bytes.rawValue) bytes freed\(stales)\(kept)"
        )
    }
}
