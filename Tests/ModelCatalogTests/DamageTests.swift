import FoundationEssentials
import ServingCore
import SwiftProtobuf
import TestSupport
import Testing

@testable import ModelCatalog

/// Bits flipped in files, by seed. GATEWAY_TEST_FLIPS says how often, for longer runs than the usual one.
struct DamageTests {
    private static let count = ProcessInfo.processInfo.environment["GATEWAY_TEST_FLIPS"].flatMap(Int.init) ?? 200

    @Test func `A bit flipped anywhere in the store is an error of that file, never another answer`() throws {
        let folder = try TemporaryFolder()
        let store = try BlockStore(directory: "\(folder.path)/store")
        for (name, seeds) in [("one", [1, 2, 3]), ("two", [1, 2, 4])] as [(String, [Float])] {
            _ = try store.importModel(from: folder.write(.chain(seeds)), name: name, types: TypeTable())
        }
        let sound = try store.models()
        let files = try folder.files(below: store.directory).filter { !$0.value.isEmpty }
            .sorted { $0.key < $1.key }
        var random = SeededGenerator(seed: 4)
        for _ in 0..<Self.count {
            let (name, content) = try #require(files.randomElement(using: &random))
            let bit = Int.random(in: 0..<content.count * 8, using: &random)
            var damaged = content
            damaged[bit / 8] ^= 1 << (bit % 8)
            let path = URL(filePath: "\(store.directory)/\(name)")
            try damaged.write(to: path)
            let check = try store.check()
            let found = try store.listing()
            if check.problems.isEmpty {
                // A flip between the manifest's values, of white space say, may change nothing.
                #expect(name.hasPrefix("models/"), "\(name), bit \(bit)")
                #expect(found.entries == sound, "\(name), bit \(bit)")
            }
            #expect(found.entries.allSatisfy { sound.contains($0) }, "\(name), bit \(bit)")
            try content.write(to: path)
        }
        #expect(try store.check().problems.isEmpty)
    }

    @Test func `A model file with flipped, cut and repeated bytes is refused or imported, and never ends the process`()
        throws
    {
        var random = SeededGenerator(seed: 5)
        var imported = 0
        for round in 0..<max(800, Self.count) {
            var data = try RandomModels.model(seed: UInt64(round % 50)).data()
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&data, &random) }
            do throws(CatalogError) {
                let plan = try ImportPlan(ONNXModel(data, named: "mutated"), inference: TypeTable())
                let model = try plan.model(ModelID(name: "m", version: 1))
                #expect(model.slotsAreConsistent, "round \(round)")
                for step in plan.steps {
                    let id = try step.makeBlock().id
                    #expect(id == step.id, "round \(round)")
                }
                imported += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        // Else the mutations would only ever test the decoder.
        #expect(imported >= 20)
    }

    private static func mutate(_ data: inout Data, _ random: inout SeededGenerator) {
        guard data.count > 8 else { return }
        let place = Int.random(in: 0..<data.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: data[place] ^= 1 << Int.random(in: 0..<8, using: &random)
        case 1: data[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: data.removeSubrange(place..<min(data.count, place + Int.random(in: 1...8, using: &random)))
        default: data.insert(contentsOf: data[place..<min(data.count, place + 8)], at: place)
        }
    }
}
