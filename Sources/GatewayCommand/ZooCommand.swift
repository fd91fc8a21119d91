import ArgumentParser
import Foundation
import ModelCatalog

/// `gateway zoo`: families of models to time things with.
struct ZooCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "zoo",
        abstract: "Write families of ResNets with random weights, whose variants share a part of their bytes."
    )

    /// The families there are.
    enum Family: String, CaseIterable, ExpressibleByArgument {
        case resnet
    }

    // Taken by every command; a zoo needs no store.
    @OptionGroup var common: CommonOptions

    @Argument(help: "The folder to write to.", completion: .directory)
    var directory: String

    @Option(help: "The family: resnet (torchvision's shapes, batch normalisation folded into the convolutions).")
    var family = Family.resnet

    @Option(help: "The depths, separated by commas: of 18, 34, 50.")
    var depths = "18,34,50"

    @Option(parsing: .unconditional, help: "How many variants there are of each depth.")
    var variants = 2

    @Option(
        parsing: .unconditional,
        help: "The part of the bytes that variants of a depth share, from 0 to 1; whole residual blocks are."
    )
    var shared = 0.8

    @Option(help: "Which layers they share: prefix (the bottom ones) or anywhere (drawn by lot).")
    var share = "prefix"

    @Option(parsing: .unconditional, help: "What all weights follow from.")
    var seed: UInt64 = 0

    @Option(parsing: .unconditional, help: "Channels of the first stage; the real networks have 64.")
    var width = 64

    @Option(parsing: .unconditional, help: "Height and width of the images.")
    var imageSize = 224

    func validate() throws {
        guard (1...1024).contains(width) else { throw ValidationError("--width goes from 1 to 1024") }
        guard (32...4096).contains(imageSize) else { throw ValidationError("--image-size goes from 32 to 4096") }
        guard ModelZoo.Sharing(rawValue: share) != nil else {
            throw ValidationError("--share is prefix or anywhere, not '\(share)'")
        }
    }

    func run() throws {
        let parts = depths.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count else { throw ValidationError("--depths takes numbers, as in 18,34,50") }
        let sharing = ModelZoo.Sharing(rawValue: share) ?? .prefix
        var zoo = try ModelZoo(depths: numbers, variants: variants, shared: shared, sharing: sharing, seed: seed)
        zoo.width = width
        zoo.imageSize = imageSize
        var families: [Int: [ModelZoo.Member]] = [:]
        var outputFailure: CommandOutput.Failure?
        try zoo.write(to: directory) { member in
            families[member.depth, default: []].append(member)
            do throws(CommandOutput.Failure) {
                try CommandOutput.print(
                    "\(member.path) \(member.parameterBytes) bytes, \(Self.part([member])) of them shared"
                )
            } catch {
                outputFailure = error
            }
        }
        if let outputFailure { throw outputFailure }
        for (depth, members) in families.sorted(by: { $0.key < $1.key }) where !zoo.isNearWanted(members) {
            let note =
                "resnet\(depth) shares \(Self.part(members)), not \(shared), of its bytes: whole blocks come no nearer; "
                + "more variants or --share anywhere do"
            CommandOutput.note(note)
        }
    }

    private static func part(_ members: [ModelZoo.Member]) -> String {
        String(format: "%.3f", ModelZoo.sharedPart(of: members))
    }
}
