import Foundation
import Gateway
import ServingCore
import TestSupport
import Testing
import Yams

/// `openapi.yaml` and the code name the same things.
@Suite struct OpenAPIDocumentTests {
    /// An operation as both sides write it.
    private struct Operation: Hashable {
        var method: String
        var path: String
        var id: String
    }

    private let document: [String: Any]

    init() throws {
        let text = try String(contentsOf: LiveGatewayPaths.root.appending(path: "openapi.yaml"), encoding: .utf8)
        document = try #require(try Yams.load(yaml: text) as? [String: Any])
    }

    @Test func `no operation exists on one side only`() throws {
        let routed = Set(Route.all.map { Operation(method: $0.method, path: $0.path, id: $0.operationID) })
        let documented = try documentedOperations()
        #expect(documented.subtracting(routed).isEmpty, "documented, but not routed")
        #expect(routed.subtracting(documented).isEmpty, "routed, but not documented")
    }

    @Test func `no error code exists on one side only`() throws {
        let components = try #require(document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: Any])
        let codes = try #require((schemas["ErrorCode"] as? [String: Any])?["enum"] as? [String])
        #expect(Set(codes) == Set(ServingError.Code.allCases.map(\.rawValue)))
        #expect(codes.count == Set(codes).count)
    }

    private func documentedOperations() throws -> Set<Operation> {
        let methods: Set = ["get", "put", "post", "delete", "patch", "head", "options"]
        var operations: Set<Operation> = []
        for (path, item) in try #require(document["paths"] as? [String: [String: Any]]) {
            for (method, operation) in item where methods.contains(method) {
                let id = try #require((operation as? [String: Any])?["operationId"] as? String)
                operations.insert(Operation(method: method.uppercased(), path: path, id: id))
            }
        }
        return operations
    }
}
