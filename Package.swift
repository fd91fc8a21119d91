// swift-tools-version:6.2
import PackageDescription

/// Every target of ours: Swift 6 mode, warnings are errors, explicit existentials and imports.
///
/// The request path crosses several modules; optimising across them makes it measurably cheaper.
let strict: [SwiftSetting] = [
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "inference-gateway",
    products: [
        .executable(name: "gateway", targets: ["GatewayCommand"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries, each behind one door.
        .systemLibrary(name: "CMicroHTTPD", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CJansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "CGnuTLS", providers: [.apt(["libgnutls28-dev"])]),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(
            name: "CONNXRuntime",
            cSettings: [.treatAllWarnings(as: .error)],
            cxxSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("dl"), .linkedLibrary("xxhash")]
        ),

        // The shared words.
        .target(name: "ServingCore", swiftSettings: strict),

        // Pure deciders: time, randomness and state come in as parameters.
        .target(name: "BandwidthAllocation", dependencies: ["ServingCore"], swiftSettings: strict),
        .target(name: "LoadScheduling", dependencies: ["BandwidthAllocation", "ServingCore"], swiftSettings: strict),
        .target(
            name: "AdmissionControl",
            dependencies: ["BandwidthAllocation", "LoadScheduling", "ServingCore"],
            swiftSettings: strict
        ),
        .target(
            name: "Dispatching",
            dependencies: ["AdmissionControl", "BandwidthAllocation", "LoadScheduling", "ServingCore"],
            swiftSettings: strict
        ),

        // Engines and what they serve.
        .target(name: "ModelServing", dependencies: ["ServingCore"], swiftSettings: strict),
        .target(
            name: "ONNXEngine",
            dependencies: ["CONNXRuntime", "ModelCatalog", "ModelServing", "ServingCore"],
            swiftSettings: strict
        ),
        .target(name: "ModelCatalog", dependencies: ["ServingCore", crypto, protobuf], swiftSettings: strict),

        // The wire.
        .target(name: "MetricsExposition", dependencies: ["ServingCore"], swiftSettings: strict),
        .target(name: "JSONCoding", dependencies: ["CJansson", "ServingCore"], swiftSettings: strict),
        .target(name: "OpenInferenceProtocol", dependencies: ["JSONCoding", "ServingCore"], swiftSettings: strict),
        .target(
            name: "PlanFormat",
            dependencies: ["JSONCoding", "LoadScheduling", "ServingCore"],
            swiftSettings: strict
        ),
        .target(name: "TransportSecurity", dependencies: ["CGnuTLS", "ServingCore"], swiftSettings: strict),
        .target(
            name: "HTTPTransport",
            dependencies: ["BandwidthAllocation", "CMicroHTTPD", "ServingCore", "TransportSecurity"],
            swiftSettings: strict
        ),

        .target(
            name: "BandwidthManagement",
            dependencies: ["CCurl", "JSONCoding", "ServingCore"],
            swiftSettings: strict
        ),

        // The deciders on virtual time.
        .target(
            name: "Simulation",
            dependencies: [
                "AdmissionControl", "BandwidthAllocation", "Dispatching", "JSONCoding", "LoadScheduling", "ServingCore",
                "TraceReplay",
                heap,
            ],
            swiftSettings: strict
        ),

        // Load, made from traces.
        .target(
            name: "TraceReplay",
            dependencies: ["JSONCoding", "ServingCore", histogram, nio, nioHTTP, nioPosix, nioSSL],
            swiftSettings: strict
        ),

        // Wiring.
        .target(
            name: "Gateway",
            dependencies: [
                "AdmissionControl", "BandwidthAllocation", "BandwidthManagement", "Dispatching", "HTTPTransport",
                "JSONCoding", "LoadScheduling", "MetricsExposition",
                "ModelCatalog", "ModelServing", "ONNXEngine", "OpenInferenceProtocol", "PlanFormat", "ServingCore",
                "TransportSecurity",
                crypto,
                lifecycle, logging, yams,
            ],
            resources: [
                .embedInCode("Contract/openapi.yaml"), .embedInCode("Dashboard/Page/page.html"),
                .embedInCode("Dashboard/Page/style.css"),
                .embedInCode("Dashboard/Page/drawing.js"), .embedInCode("Dashboard/Page/sections.js"),
                .embedInCode("Dashboard/Page/plan.js"), .embedInCode("Dashboard/Page/polling.js"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "GatewayCommand",
            dependencies: [
                "Dispatching", "Gateway", "JSONCoding", "LoadScheduling", "ModelCatalog", "PlanFormat", "ServingCore",
                "Simulation", "TraceReplay",
                argumentParser, lifecycle, logging,
            ],
            swiftSettings: strict
        ),

        // The request path's cost, beside a handler that does nothing else.
        .executableTarget(
            name: "BareHandler",
            cSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("microhttpd")]
        ),
        .executableTarget(
            name: "GatewayBenchmark",
            dependencies: ["TestSupport", argumentParser],
            resources: [.copy("Models"), .copy("Scripts")],
            swiftSettings: strict
        ),

        // The planning core's bars, solver by solver.
        .executableTarget(
            name: "PlanningBenchmark",
            dependencies: [
                "AdmissionControl", "Dispatching", "LoadScheduling", "PlanFormat", "ServingCore", "TestSupport",
                argumentParser,
            ],
            swiftSettings: strict
        ),

        // Every policy on the same traces, with the real server.
        .executableTarget(
            name: "PolicyBenchmark",
            dependencies: ["TestSupport", argumentParser],
            resources: [.copy("Traces")],
            swiftSettings: strict
        ),

        // Loading and running beside ONNX Runtime's own sessions.
        .executableTarget(
            name: "EngineBenchmark",
            dependencies: [
                "Gateway", "ModelCatalog", "ModelServing", "ONNXEngine", "ServingCore", argumentParser, logging,
            ],
            swiftSettings: strict
        ),

        // The uplink's bars: rates, kernel memory, cost of pacing, a narrow link.
        .executableTarget(
            name: "UplinkBenchmark",
            dependencies: ["HTTPTransport", "ServingCore", "TestSupport", argumentParser],
            swiftSettings: strict
        ),

        // Tests mirror sources.
        .target(
            name: "TestSupport",
            dependencies: ["CGnuTLS", "LoadScheduling", "ModelServing", "ServingCore"],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        tests("ServingCore"),
        tests("BandwidthAllocation"),
        tests("TransportSecurity"),
        tests("HTTPTransport", "TransportSecurity"),
        tests("BandwidthManagement"),
        tests("JSONCoding"),
        tests("OpenInferenceProtocol", "JSONCoding"),
        tests("MetricsExposition"),
        tests("LoadScheduling", "BandwidthAllocation"),
        tests("AdmissionControl", "BandwidthAllocation", "LoadScheduling"),
        tests("Dispatching", "AdmissionControl", "BandwidthAllocation", "LoadScheduling"),
        tests("ModelServing"),
        tests("ONNXEngine", "ModelCatalog", "ModelServing", exclude: ["Models"]),
        tests("ModelCatalog", protobuf),
        tests("PlanFormat", "JSONCoding", "LoadScheduling", exclude: ["Instances"]),
        tests("TraceReplay", "JSONCoding", nio),
        tests("PolicyBenchmark"),
        tests(
            "Simulation",
            "AdmissionControl",
            "BandwidthAllocation",
            "Dispatching",
            "JSONCoding",
            "LoadScheduling",
            "TraceReplay"
        ),
        tests(
            "Gateway",
            "AdmissionControl",
            "Dispatching",
            "ModelCatalog",
            "ModelServing",
            "ONNXEngine",
            "OpenInferenceProtocol",
            logging,
            exclude: ["Models"]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Gateway", "JSONCoding", "ServingCore", "TestSupport", "TraceReplay", yams],
            exclude: ["Acceptance"],
            swiftSettings: strict
        ),
    ]
)

/// The tests of one target, which may use further ones.
func tests(_ target: String, _ others: Target.Dependency..., exclude: [String] = []) -> Target {
    let words: [Target.Dependency] = target == "ServingCore" ? [] : ["ServingCore"]
    return .testTarget(
        name: target + "Tests",
        dependencies: [.target(name: target), "TestSupport"] + words + others,
        exclude: exclude,
        swiftSettings: strict
    )
}
