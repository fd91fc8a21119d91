import ArgumentParser
import Foundation
import ModelCatalog
import ServingCore

/// What partial loading reaches beside ONNX Runtime's own sessions of the original files, in one run.
@main
struct EngineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "EngineBenchmark",
        abstract: "Loading, running, storing and keeping blocks; exit status 1 where a bar is missed.",
        discussion: """
            Meant for a release build: swift run -c release EngineBenchmark. Weights are random. Bars are held against wall \
            time. With --folder, what was written stays for the next run, so that the parts can be run one by one.
            """
    )

    /// What can be run by itself.
    enum Part: String, CaseIterable, ExpressibleByArgument {
        /// Loading: nothing resident, and what others share resident.
        case load
        /// Loading beside a session whose weights are mapped.
        case mapped
        /// Running as a chain.
        case run
        /// Memory of ten models.
        case memory
        /// Loads and evictions under load.
        case cycles
        /// The bytes of a large store.
        case store
        /// What loads and batches take over what they were calibrated to.
        case estimates

        /// Those that are run where none is named: all that have bars.
        static var usual: [Part] { allCases.filter { $0 != .estimates } }
    }

    @Option(name: .customLong("part"), help: "Run this part only; may be repeated.") var parts: [Part] = Part.usual

    @Option(help: "Rounds of each timing.") var rounds = 15
    @Option(help: "Variants of each depth in the store that is weighed; 0 leaves it out.") var variants = 30
    @Option(help: "Loads and evictions under load; 0 leaves them out.") var cycles = 1000
    @Option(help: "The part of the bytes that variants share.") var shared = 0.8
    @Option(help: "The folder for models and stores. Default: a temporary one.") var folder: String?
    @Option(help: ArgumentHelp("What a process of its own measures.", visibility: .private)) var probe: String?

    func validate() throws {
        guard (1...1000).contains(rounds), (0...100).contains(variants), (0...1).contains(shared),
            (0...1_000_000).contains(cycles)
        else {
            throw ValidationError(
                "--rounds goes from 1 to 1000, --variants from 0 to 100, --shared 0 to 1, --cycles up to 1000000"
            )
        }
    }

    func run() throws {
        if let kind = probe.flatMap(MemoryProbe.Kind.init), let folder {
            let answer = try JSONEncoder().encode(MemoryProbe.measure(kind, folder: folder))
            FileHandle.standardOutput.write(answer)
            return
        }
        let root = folder ?? NSTemporaryDirectory() + "engine-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
        defer { if folder == nil { try? FileManager.default.removeItem(atPath: root) } }
        var bars = try timings(root + "/ten")
        if parts.contains(.run) { bars += try prefix(root + "/prefix") }
        if parts.contains(.mapped) {
            bars += try MappedLoadingMeasure(store: tenStore(root + "/ten"), rounds: rounds).bars()
        }
        // Late, since it changes how the process's heap works.
        if parts.contains(.load) { bars += try LoadingMeasure(store: tenStore(root + "/ten"), rounds: rounds).bars() }
        if parts.contains(.cycles), cycles > 0 { bars.append(try endurance(root + "/small")) }
        if parts.contains(.store), variants > 0 { bars.append(try storage(root + "/many")) }
        if parts.contains(.estimates) { try estimates(root + "/estimates") }
        print("bars")
        for bar in bars { print(bar.line) }
        if bars.contains(where: { !$0.isReached }) { throw ExitCode.failure }
    }

    /// Ten variants of ResNet-50.
    private func tenStore(_ folder: String) throws -> BenchmarkStore {
        if !FileManager.default.fileExists(atPath: folder) {
            let zoo = try ModelZoo(depths: [50], variants: 10, shared: shared, sharing: .anywhere)
            try BenchmarkStore.fill(folder, zoo, keepingFiles: true) { _ in }
        }
        return try BenchmarkStore(folder)
    }

    /// Those ten: running, memory.
    private func timings(_ folder: String) throws -> [Bar] {
        guard !Set(parts).isDisjoint(with: [.run, .memory]) else { return [] }
        let store = try tenStore(folder)
        var bars: [Bar] = []
        if parts.contains(.run) { bars += try RunningMeasure(store: store, rounds: rounds, sharing: "anywhere").bars() }
        guard parts.contains(.memory) else { return bars }
        return bars + memory(try MemoryProbe.ask(.blocks, folder: folder), try MemoryProbe.ask(.whole, folder: folder))
    }

    /// Variants that share the bottom: few units, few edges.
    private func prefix(_ folder: String) throws -> [Bar] {
        if !FileManager.default.fileExists(atPath: folder) {
            let zoo = try ModelZoo(depths: [50], variants: 3, shared: shared, sharing: .prefix)
            try BenchmarkStore.fill(folder, zoo, keepingFiles: true) { _ in }
        }
        return try RunningMeasure(store: BenchmarkStore(folder), rounds: rounds, sharing: "prefix").bars()
    }

    /// Small networks, so that many cycles take little time, under a cap of three of them.
    private func endurance(_ folder: String) throws -> Bar {
        if !FileManager.default.fileExists(atPath: folder) {
            var zoo = try ModelZoo(depths: [18, 50], variants: 5, shared: shared)
            (zoo.width, zoo.imageSize) = (16, 64)
            try BenchmarkStore.fill(folder, zoo, keepingFiles: false) { _ in }
        }
        let store = try BenchmarkStore(folder, memory: ByteCount(24 << 20))
        return try CyclesMeasure(store: store, cycles: cycles).bar()
    }

    /// Networks as those of PolicyBenchmark: small images, so that loads and batches take alike.
    private func estimates(_ folder: String) throws {
        if !FileManager.default.fileExists(atPath: folder) {
            var zoo = try ModelZoo(depths: [18, 34, 50], variants: 3, shared: shared)
            zoo.imageSize = 64
            try BenchmarkStore.fill(folder, zoo, keepingFiles: false) { _ in }
        }
        try EstimatesMeasure(store: BenchmarkStore(folder), rounds: rounds).report()
    }

    private func memory(_ blocks: MemoryProbe, _ whole: MemoryProbe) -> [Bar] {
        let ratio = blocks.growth / whole.growth
        let account = blocks.claimed / blocks.growth
        return [
            Bar(
                name: "memory of 10 variants (0.35)",
                figure: "\(blocks.growth.megabytes) against \(whole.growth.megabytes), ratio \(ratio.rounded3)",
                isReached: ratio <= 0.35
            ),
            Bar(
                name: "memory claimed over memory grown (0.9 to 1.1)",
                figure: "\(blocks.claimed.megabytes) against \(blocks.growth.megabytes), ratio \(account.rounded3)",
                isReached: (0.9...1.1).contains(account)
            ),
        ]
    }

    /// Every depth, many variants: what the store takes.
    private func storage(_ folder: String) throws -> Bar {
        try? FileManager.default.removeItem(atPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let zoo = try ModelZoo(depths: [18, 34, 50], variants: variants, shared: shared)
        var files = 0
        try BenchmarkStore.fill(folder, zoo, keepingFiles: false) { files += $0 }
        let store = try BenchmarkStore(folder)
        for model in store.models {
            try store.load(model)
            try store.clear()
        }
        let blocks = Self.bytes(below: folder + "/blocks") + Self.bytes(below: folder + "/models")
        let ratio = Double(blocks) / Double(files)
        let compiled = Self.bytes(below: folder + "/compiled")
        return Bar(
            name: "store of \(store.models.count) models (0.25)",
            figure: "\(Double(blocks).megabytes) for files of \(Double(files).megabytes), ratio \(ratio.rounded3); "
                + "compiled copies beside that: \(Double(compiled).megabytes)",
            isReached: ratio <= 0.25
        )
    }

    private static func bytes(below folder: String) -> Int {
        var sum = 0
        for case let name as String in FileManager.default.enumerator(atPath: folder) ?? .init() {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
            if attributes?[.type] as? FileAttributeType == .typeRegular { sum += attributes?[.size] as? Int ?? 0 }
        }
        return sum
    }
}
