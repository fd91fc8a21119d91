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

    @Test func `What Kubernetes sets for services is no setting`() throws {
        var loader = ConfigurationLoader()
        try loader.apply(environment: [
            "GATEWAY_PORT": "tcp://10.0.0.1:80", "GATEWAY_SERVICE_PORT": "80", "GATEWAY_SERVICE_PORT_HTTP": "80",
            "GATEWAY_PORT_80_TCP": "tcp://10.0.0.1:80", "GATEWAY_PORT_80_TCP_ADDR": "10.0.0.1",
            "GATEWAY_UI_SERVICE_HOST": "10.0.0.2", "GATEWAY_UI_PORT_8080_TCP_PROTO": "tcp",
        ])
        #expect("\(loader.configuration)" == "\(GatewayConfiguration())")
    }

    @Test(arguments: [
        ("GATEWAY_PROT", "; did you mean GATEWAY_PORT?"),
        ("GATEWAY_MEMORY_BYTE", "; did you mean GATEWAY_MEMORY_BYTES?"),
        ("GATEWAY_SERVER_PORT", ""), ("GATEWAY_", ""), ("GATEWAY_port", ""),
    ])
    func `A variable that is not known is refused, with the name it may have meant`(name: String, hint: String) {
        var loader = ConfigurationLoader()
        let error = #expect(throws: ConfigurationError.self) { try loader.apply(environment: [name: "80"]) }
        #expect(error?.key == name)
        #expect(error?.problem.hasPrefix("is not a variable of this gateway") == true)
        if !hint.isEmpty { #expect(error?.problem.hasSuffix(hint) == true, "\(error?.problem ?? "")") }
    }

    @Test func `A key of an earlier version is refused with the one that took its place`() {
        var loader = ConfigurationLoader()
        let key = #expect(throws: ConfigurationError.self) {
            try loader.apply(yaml: "scheduling:\n  overload_load_interval_ms: 40\n", from: "gateway.yaml")
        }
        #expect(key?.problem.contains("scheduling.overload_load_spacing took its place") == true)
        let variable = #expect(throws: ConfigurationError.self) {
            try loader.apply(environment: ["GATEWAY_SCHEDULING_OVERLOAD_LOAD_INTERVAL_MS": "40"])
        }
        #expect(variable?.problem.contains("GATEWAY_SCHEDULING_OVERLOAD_LOAD_SPACING took its place") == true)
    }

    @Test(arguments: [
        ("a: b: c", "line 1"), ("server:\n  port: 1\n port: 2\n", "line 3"), ("server: {port: 1", "line "),
        ("server:\n\tport: 1", "line 2"), ("server:\n  port: 1\nserver:\n  port: 2\n", "is given twice"),
        ("a: \u{1}", "gateway.yaml"),
    ])
    func `What is not YAML is told in one line, with its place`(yaml: String, place: String) {
        var loader = ConfigurationLoader()
        let error = #expect(throws: ConfigurationError.self) { try loader.apply(yaml: yaml, from: "gateway.yaml") }
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
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
