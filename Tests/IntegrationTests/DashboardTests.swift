import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The page at `/`, as a browser gets it.
    @Suite(.serialized, .sharedGateway)
    struct DashboardTests {
        @Test func `The page holds all it needs`() async throws {
            let page = try await get("/")
            #expect(page.contains("<title>Inference gateway</title>"))
            // The namespace of SVG is a name, not an address that is asked.
            let outside = page.replacing("http://www.w3.org/2000/svg", with: "").firstMatch(of: /[a-z"'(=]\/\/[a-z]/)
            #expect(outside == nil, "\(outside?.output ?? "")")
            for source in ["<link rel=\"stylesheet\"", " src=", "@import", "url("] { #expect(!page.contains(source)) }
            #expect(!page.contains(" style=\""), "the page's policy lets no inline style in")
        }

        @Test func `Its policy lets in its own style and script and nothing else`() async throws {
            let head = try await get("/", "--head")
            let policy = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("Content-Security-Policy:") })
            #expect(policy.contains("default-src 'none'"))
            #expect(policy.contains("script-src 'sha256-") && policy.contains("style-src 'sha256-"))
            #expect(!policy.contains("unsafe"))
        }

        @Test func `Every member its script reads is in the documents it asks for`() async throws {
            let script = try await get("/").components(separatedBy: "<script>").last ?? ""
            var served: Set<String> = []
            for path in ["/v1/status", "/v1/plan", "/v1/blocks"] {
                served.formUnion(names(in: try JSONSerialization.jsonObject(with: Data(try await get(path).utf8))))
            }
            // What a document has only while something runs, loads or waits.
            let schemas = try String(
                contentsOf: LiveGatewayPaths.root.appending(path: "openapi.yaml"),
                encoding: .utf8
            )
            for match in script.matches(of: /\b[a-z]+(?:_[a-z]+)+\b/) {
                let name = String(match.output)
                #expect(served.contains(name) || schemas.contains("\(name): "), "\(name) is served nowhere")
            }
            for name in [
                "goodput_per_s", "in_time", "rejected_by_reason", "used_bytes", "granted_hz", "estimate_errors",
            ] {
                #expect(served.contains(name) && script.contains(name), "\(name)")
            }
        }

        private func names(in value: Any) -> Set<String> {
            switch value {
            case let object as [String: Any]:
                object.reduce(into: Set(object.keys)) { $0.formUnion(names(in: $1.value)) }
            case let array as [Any]:
                array.reduce(into: []) { $0.formUnion(names(in: $1)) }
            default: []
            }
        }

        private func get(_ path: String, _ options: String...) async throws -> String {
            let answer = try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--fail-with-body"] + options + ["\(try SharedGateway.current.url)\(path)"]
            )
            #expect(answer.status == 0, "\(answer.errorOutput)")
            return answer.output
        }
    }
}
