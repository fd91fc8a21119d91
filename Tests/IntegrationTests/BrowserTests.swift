import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// What browsers, proxies and tools send and expect, with curl.
    @Suite(.serialized)
    struct BrowserTests {
        private let site = "https://console.example"

        private func curl(_ gateway: LiveGateway, _ path: String, _ arguments: String...) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--noproxy", "*", "-i", gateway.url + path] + arguments
            )
            #expect(answer.status == 0, "\(answer.errorOutput)")
            return answer.output
        }

        private func gateway(_ settings: String) async throws -> LiveGateway {
            let file = try LiveGatewayFolders.make().appending(path: "gateway.yaml")
            try settings.write(to: file, atomically: true, encoding: .utf8)
            return try await LiveGateway(["--config", file.path])
        }

        @Test func `A page of a site that is named may ask, one of another may not`() async throws {
            let gateway = try await gateway("server:\n  cors_origins: \(site)\n")
            let infer = "/v2/models/digits/infer"
            let image = "@\(LiveGatewayPaths.demo.path)/requests/seven.json"
            let asks = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"]
            let allowed = try await curl(
                gateway,
                infer,
                "-X",
                "OPTIONS",
                "-H",
                "Origin: \(site)",
                "-H",
                asks[0],
                "-H",
                asks[1]
            )
            #expect(allowed.hasPrefix("HTTP/1.1 204") && allowed.contains("Access-Control-Allow-Origin: \(site)\r\n"))
            #expect(allowed.contains("Access-Control-Allow-Methods: GET, HEAD, POST\r\n"), "\(allowed)")
            let other = try await curl(
                gateway,
                infer,
                "-X",
                "OPTIONS",
                "-H",
                "Origin: https://c.example",
                "-H",
                asks[0]
            )
            #expect(other.hasPrefix("HTTP/1.1 405") && !other.contains("Access-Control-Allow-Origin"), "\(other)")
            let cross = "Sec-Fetch-Site: cross-site"
            let answer = try await curl(gateway, infer, "-H", "Origin: \(site)", "-H", cross, "-d", image)
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("Access-Control-Allow-Origin: \(site)\r\n"))
            #expect(answer.contains("\r\nServer-Timing: upload;dur="), "\(answer)")
            let refused = try await curl(gateway, infer, "-H", "Origin: https://c.example", "-H", cross, "-d", image)
            #expect(refused.hasPrefix("HTTP/1.1 403") && !refused.contains("Access-Control-Allow-Origin"), "\(refused)")
        }

        @Test func `A request's name comes back, whatever becomes of it, and stands in the log with its trace`()
            async throws
        {
            let gateway = try await gateway("log:\n  level: debug\n")
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            let name = ["-H", "X-Request-Id: front-7", "-H", "traceparent: 00-\(trace)-00f067aa0ba902b7-01"]
            for path in ["/v2/health/live", "/v2/models/digits", "/nothing"] {
                let answer = try await curl(gateway, path, name[0], name[1], name[2], name[3])
                #expect(answer.contains("\r\nX-Request-Id: front-7\r\n"), "\(answer)")
            }
            let refused = try await curl(
                gateway,
                "/v2/models/none/infer",
                name[0],
                name[1],
                name[2],
                name[3],
                "-d",
                "{}"
            )
            #expect(
                refused.hasPrefix("HTTP/1.1 404") && refused.contains("\r\nX-Request-Id: front-7\r\n"),
                "\(refused)"
            )
            let plain = try await curl(gateway, "/v2/health/live")
            #expect(!plain.contains("X-Request-Id") && !plain.contains("Access-Control"))
            let ended = try await gateway.stop()
            let line = ended.errorOutput.split(separator: "\n").first { $0.contains("a request was refused") }
            #expect(line?.contains("client_request=front-7") ?? false)
            #expect(line?.contains("trace=\(trace)") ?? false)
        }

        @Test func `Models are listed, and the contract is the one of this build`() async throws {
            let gateway = try await LiveGateway()
            let models = try await curl(gateway, "/v2/models")
            #expect(models.contains(#"{"models":["at-least-five","digits","#), "\(models)")
            let contract = try await curl(gateway, "/openapi.yaml")
            let file = LiveGatewayPaths.demo.deletingLastPathComponent().appending(path: "openapi.yaml")
            #expect(contract.hasSuffix(try String(contentsOf: file, encoding: .utf8)))
        }
    }
}
