import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The commands that look after a store, as the executable runs them.
    @Suite(.serialized)
    struct StoreCommandTests {
        private let folder: URL
        private var store: URL { folder.appending(path: "store") }

        init() throws {
            folder = try LiveGatewayFolders.make()
        }

        private func gateway(_ arguments: String...) async throws -> LiveGatewayProcess.Result {
            try await LiveGatewayProcess.run(LiveGatewayPaths.gateway, arguments + ["--store", store.path])
        }

        private func add(_ model: String, _ further: String...) async throws -> LiveGatewayProcess.Result {
            let file = LiveGatewayPaths.demo.appending(path: "models/\(model).onnx").path
            return try await LiveGatewayProcess.run(
                LiveGatewayPaths.gateway,
                ["import", file, "--name", model, "--store", store.path] + further
            )
        }

        private func blockFiles() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: store.appending(path: "blocks").path).sorted()
        }

        @Test func `An import compares the blocks with the whole model on ONNX Runtime`() async throws {
            let result = try await add("digits")
            #expect(result.status == 0)
            #expect(result.output.contains("\nverified: 3 runs gave what the whole model gives, at most "))
            #expect(try await add("parity", "--no-verify").output.contains("\nnot verified: skipped"))
        }

        @Test func `Blocks are listed with the models that use them`() async throws {
            _ = try await add("digits")
            _ = try await add("parity")
            let table = try await gateway("blocks")
            #expect(table.status == 0)
            #expect(table.output.hasPrefix("BLOCK"))
            #expect(table.output.contains("digits:1, parity:1"))
            let json = try await gateway("blocks", "--json")
            let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
            let found = try #require(rows)
            #expect(found.compactMap { ($0["hash"] as? String).map { $0 + ".onnx" } }.sorted() == (try blockFiles()))
            #expect(found.contains { $0["models"] as? [String] == ["digits:1", "parity:1"] })
        }

        @Test func `Files and models of a store are compared layer by layer, as a table, as JSON and as a picture`()
            async throws
        {
            _ = try await add("digits")
            let file = LiveGatewayPaths.demo.appending(path: "models/parity.onnx").path
            let picture = folder.appending(path: "layers.svg")
            let table = try await gateway("compare", "digits", file, "--svg", picture.path)
            #expect(table.status == 0, "\(table.errorOutput)")
            #expect(table.output.contains("parity.onnx against digits:1\n"))
            #expect(table.output.contains("sharing saves "))
            #expect(table.output.contains("load time is left out"))
            #expect(table.output.contains("to share 80.0 % of digits:1, freeze layers 1 to 4"))
            #expect(try String(contentsOf: picture, encoding: .utf8).hasPrefix("<svg "))
            let json = try await gateway("compare", "digits:1", file, "--json", "--share", "1")
            let found = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            let pairs = try #require(found["comparisons"] as? [[String: Any]])
            let layers = try #require(pairs.first?["layers"] as? [[String: Any]])
            #expect(layers.prefix(4).allSatisfy { $0["verdict"] as? String == "equal" })
            #expect(layers.count == 6 && (found["bytes_saved"] as? Int ?? 0) > 80_000)
            #expect((found["freeze"] as? [String: Any])?["layers"] as? Int == 5)
        }

        @Test func `What is neither a file nor a model cannot be compared`() async throws {
            _ = try await add("digits")
            let unknown = try await gateway("compare", "digits", "digits:7")
            #expect(unknown.status == 2)
            #expect(unknown.errorOutput.contains("'digits:7' is neither a file nor a model of the store"))
            #expect(try await gateway("compare", "digits").status == 2)
            #expect(try await gateway("compare", "digits", "digits", "--share", "2").status == 2)
        }

        @Test func `A model is cut where the import says, and names of no tensor are an error that names them`()
            async throws
        {
            let cut = try await add("digits", "--cut", "digits/relu6_out, digits/relu9_out")
            #expect(cut.status == 0, "\(cut.errorOutput)")
            #expect(cut.output.contains("\nverified: "))
            #expect(try blockFiles().count == 7)
            let wrong = try await add("parity", "--cut", "digits/relu6_out,image")
            #expect(wrong.status == 2)
            #expect(
                wrong.errorOutput.contains(
                    "'digits/relu6_out' is no tensor of the model, 'image' is an input of the model"
                )
            )
        }

        @Test func `Damage is found, named and mended by another import`() async throws {
            _ = try await add("digits")
            #expect(try await gateway("verify").status == 0)
            let name = try #require(try blockFiles().first)
            let file = store.appending(path: "blocks/\(name)")
            var content = try Data(contentsOf: file)
            content[content.count / 2] ^= 8
            try content.write(to: file)
            let damaged = try await gateway("verify")
            #expect(damaged.status == 1)
            #expect(damaged.output.contains("damaged: block \(name.dropLast(5)): the content is not what was stored"))
            #expect(damaged.output.contains("(used by digits:1)"))
            let repair = try await add("digits").output
            #expect(repair.contains("digits:1 is in the store already, and was damaged: it is repaired"))
            #expect(repair.contains("  repaired\n"))
            let mended = try await gateway("verify")
            #expect(mended.status == 0, "\(mended.output)")
        }

        @Test func `Many are imported at once, and one that fails stops none`() async throws {
            let files = FileManager.default
            let repository = folder.appending(path: "models")
            func put(_ model: String, at path: String) throws {
                let file = repository.appending(path: path)
                try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try files.copyItem(at: LiveGatewayPaths.demo.appending(path: "models/\(model).onnx"), to: file)
            }
            try put("digits", at: "digits.onnx")
            try put("parity", at: "even/3/model.onnx")
            try put("prime", at: "even/4/model.onnx")
            try Data("no model".utf8).write(to: repository.appending(path: "broken.onnx"))
            let result = try await gateway("import", repository.path, "--no-verify")
            #expect(result.status == 1, "\(result)")
            let lines = result.output.split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines.first?.hasPrefix("broken: not imported from \(repository.path)/broken.onnx: ") ?? false)
            let names = lines.dropFirst().prefix(3).map { String($0.prefix { $0 != " " }) }
            #expect(names == ["digits:1:", "even:3:", "even:4:"])
            #expect(lines.last?.hasPrefix("3 models imported, 1 failed, ") ?? false)
            let again = try await gateway("import", repository.path, "--no-verify", "--json")
            let rows = try again.output.split(separator: "\n").map {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
            }
            #expect(rows.map { $0["name"] as? String } == ["broken", "digits", "even", "even"])
            #expect(rows.map { $0["error"] != nil } == [true, false, false, false])
            #expect(try await gateway("import", repository.path, "--name", "one").status == 2)
            #expect(try await gateway("import", repository.path + "/nothing").status == 2)
        }

        @Test func `A model is removed, and its blocks once nobody else uses them`() async throws {
            _ = try await add("digits")
            _ = try await add("parity")
            let before = try blockFiles().count
            #expect(try await gateway("remove", "digits:2").status == 2)
            #expect(try await gateway("remove", "digits:x").status == 2)
            #expect(try await gateway("remove", "digits:1").output == "digits:1 removed\n")
            let freed = try await gateway("gc").output
            let removed = before - (try blockFiles().count)
            #expect(removed > 0)
            #expect(freed.hasPrefix("\(removed) blocks removed, "))
            #expect(try await gateway("gc").output == "0 blocks removed, 0 bytes freed\n")
            #expect(try await gateway("verify").output.hasPrefix("1 models and "))
            #expect(try await gateway("remove", "parity").status == 0)
            _ = try await gateway("gc")
            #expect(try blockFiles().isEmpty)
        }

        /// GATEWAY_TEST_KILLS says how often, for longer runs than the usual one.
        @Test func `After a kill at any moment of an import the store opens, and a second import finishes`()
            async throws
        {
            let kills = ProcessInfo.processInfo.environment["GATEWAY_TEST_KILLS"].flatMap(Int.init) ?? 10
            _ = try await add("digits")
            var random = SeededGenerator(seed: 11)
            var unfinished = 0
            for round in 0..<kills {
                let file = LiveGatewayPaths.demo.appending(path: "models/has-loop.onnx").path
                let name = "killed-\(round)"
                let process = try LiveGatewayProcess(
                    LiveGatewayPaths.gateway,
                    ["import", file, "--name", name, "--store", store.path]
                )
                // The moment is the test's subject; what is checked holds at every one.
                usleep(UInt32.random(in: 0..<250_000, using: &random))
                kill(process.processID, SIGKILL)
                if try await process.ended(limit: .seconds(60)).status != 0 { unfinished += 1 }
                let check = try await gateway("verify")
                #expect(check.status == 0, "round \(round): \(check.output)")
                #expect(try await gateway("models").output.contains("digits"))
                let again = try await LiveGatewayProcess.run(
                    LiveGatewayPaths.gateway,
                    ["import", file, "--name", name, "--store", store.path, "--no-verify"]
                )
                #expect(again.status == 0, "round \(round): \(again.errorOutput)")
                let left = try FileManager.default.contentsOfDirectory(atPath: store.appending(path: "tmp").path)
                #expect(left.isEmpty, "round \(round)")
                _ = try await gateway("remove", name)
                _ = try await gateway("gc")
            }
            #expect(unfinished > 0)
        }
    }
}
