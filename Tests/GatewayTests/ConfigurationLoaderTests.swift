import Dispatching
import Foundation
import HTTPTransport
import ServingCore
import Testing

@testable import Gateway

struct ConfigurationLoaderTests {
    private static let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "gateway.example.yaml")

    @Test func `The example file is accepted and changes nothing`() throws {
        var loader = ConfigurationLoader()
        try loader.apply(file: Self.example.path)
        #expect("\(loader.configuration)" == "\(GatewayConfiguration())")
    }

    @Test(arguments: ConfigurationKey.all.map(\.path))
    func `Every key is documented in the example file, with its variable`(path: String) throws {
        let text = try String(contentsOf: Self.example, encoding: .utf8)
        let key = try #require(ConfigurationKey.all.first { $0.path == path })
        let name = try #require(path.split(separator: ".").last)
        #expect(text.contains("\(name):"))
        #expect(text.contains(key.environmentVariable))
    }

    @Test func `A key that is not known is refused by its path`() {
        var loader = ConfigurationLoader()
        let error = #expect(throws: ConfigurationError.self) {
            try loader.apply(yaml: "server:\n  prot: 1\n", from: "gateway.yaml")
        }
        #expect(error?.key == "gateway.yaml: server.prot")
    }

    @Test(arguments: ["server:\n  port: 65536", "server:\n  port: http", "uplink:\n  hz: .nan", "memory:\n  bytes: -1"])
    func `A value outside its range is refused`(yaml: String) {
        var loader = ConfigurationLoader()
        #expect(throws: ConfigurationError.self) { try loader.apply(yaml: yaml, from: "gateway.yaml") }
    }

    @Test(arguments: ["server: [1, 2]", "server: {port: [1]}", "just text", "a: b: c"])
    func `A document of another form is refused`(yaml: String) {
        var loader = ConfigurationLoader()
        #expect(throws: ConfigurationError.self) { try loader.apply(yaml: yaml, from: "gateway.yaml") }
    }

    @Test func `An empty file leaves the defaults`() throws {
        var loader = ConfigurationLoader()
        try loader.apply(yaml: "", from: "gateway.yaml")
        #expect(loader.configuration.server.port == 8080)
    }

    @Test func `The environment wins over the file, and only its own variables count`() throws {
        var loader = ConfigurationLoader()
        try loader.apply(yaml: "server: {port: 1000}", from: "gateway.yaml")
        try loader.apply(environment: ["GATEWAY_PORT": "2000", "GATEWAY_SERVICE_HOST": "x", "PORT": "3000"])
        #expect(loader.configuration.server.port == 2000)
    }

    @Test(arguments: SchedulingPolicy.allCases)
    func `Only a policy without promises may run what has expired`(policy: SchedulingPolicy) throws {
        var loader = ConfigurationLoader()
        try loader.apply(yaml: "scheduling: {policy: \(policy.rawValue), run_expired: true}", from: "gateway.yaml")
        #expect(loader.configuration.dispatcherConfiguration.runsExpired)
        if policy.isPlanned {
            let error = #expect(throws: ConfigurationError.self) { try loader.configuration.validate() }
            #expect(error?.key == "scheduling.run_expired")
        } else {
            #expect(throws: Never.self) { try loader.configuration.validate() }
        }
    }

    @Test func `A capacity given both ways is refused`() throws {
        var loader = ConfigurationLoader()
        try loader.apply(yaml: "uplink: {hz: 1e6, bits_per_second: 1e6}", from: "gateway.yaml")
        #expect(throws: ConfigurationError.self) { try loader.configuration.validate() }
    }
}
