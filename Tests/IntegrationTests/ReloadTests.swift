import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// SIGHUP while the gateway serves.
    @Suite(.serialized)
    struct ReloadTests {
        private static let camera = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        private static let microphone = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

        private func status(_ gateway: LiveGateway, key: String) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                [
                    "curl", "-sS", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code}",
                    "-H", "Authorization: Bearer \(key)", "\(gateway.url)/v2/models/digits",
                ]
            )
            return answer.output
        }

        /// Sends SIGHUP and waits until the answer for `key` is `expected`.
        private func reload(_ gateway: LiveGateway, until expected: String, key: String) async throws {
            kill(gateway.processID, SIGHUP)
            for _ in 0..<100 {
                if try await status(gateway, key: key) == expected { return }
                try await Task.sleep(for: .milliseconds(50))
            }
            Issue.record("the key '\(key)' is not answered \(expected) after SIGHUP")
        }

        @Test func `Keys come and go, what cannot change is named, and a bad file keeps all`() async throws {
            let folder = try LiveGatewayFolders.make()
            let (keys, file) = (folder.appending(path: "keys.txt"), folder.appending(path: "gateway.yaml"))
            func write(_ key: String, _ settings: String = "") throws {
                try "caller \(key) infer\n".write(to: keys, atomically: true, encoding: .utf8)
                let text = "callers:\n  key_file: \(keys.path)\n\(settings)"
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            try write(Self.camera)
            let gateway = try await LiveGateway(["--config", file.path])
            #expect(try await status(gateway, key: "test") == "200")
            #expect(try await status(gateway, key: "abc") == "401")

            try write(Self.microphone, "memory:\n  bytes: 12345\n")
            try await reload(gateway, until: "200", key: "abc")
            #expect(try await status(gateway, key: "test") == "401")

            try write("no key at all")
            kill(gateway.processID, SIGHUP)
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await status(gateway, key: "abc") == "200")

            try write(Self.camera, "no_such_key: 1\n")
            kill(gateway.processID, SIGHUP)
            try await Task.sleep(for: .milliseconds(500))
            #expect(try await status(gateway, key: "abc") == "200")

            try write(Self.camera)
            try await reload(gateway, until: "200", key: "test")
            let ended = try await gateway.stop()
            IntegrationTests.expectCleanEnd(ended)
            let lines = ended.errorOutput.split(separator: "\n")
            #expect(lines.filter { $0.contains("catalog were read again") }.count == 2, "\(ended.errorOutput)")
            #expect(lines.filter { $0.contains("settings=memory.bytes") && $0.contains("next start only") }.count == 1)
            #expect(lines.filter { $0.contains("all stays as it was") }.count == 2)
        }
    }
}
