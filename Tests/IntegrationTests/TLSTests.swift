import Foundation
import ServingCore
import TestSupport
import Testing
import TraceReplay

extension IntegrationTests {
    /// TLS, with curl and Python's clients.
    @Suite(.serialized)
    struct TLSTests {
        private func gateway(_ files: TestCertificateFiles, _ more: String = "") async throws -> LiveGateway {
            let text =
                "tls:\n  certificate: \(files.certificate)\n  key: \(files.key)\n  check_interval_ms: 250\n\(more)"
            return try await LiveGateway(["--config", try files.add("gateway.yaml", text)])
        }

        private func curl(_ arguments: String...) async throws -> LiveGatewayProcess.Result {
            try await LiveGatewayProcess.run(
                URL(filePath: "/usr/bin/env"),
                ["curl", "-sS", "--noproxy", "*", "-i", "--http1.1"] + arguments
            )
        }

        private var image: String { "@\(LiveGatewayPaths.demo.path)/requests/seven.json" }

        @Test func `curl and tritonclient are answered, and what is refused at the head sends no body`() async throws {
            let files = try TestCertificateFiles(TestCertificate("localhost"))
            let gateway = try await gateway(files, "uplink:\n  hz: 2000000\n")
            let url = "https://127.0.0.1:\(gateway.port)/v2/models/digits/infer"
            let answer = try await curl("--cacert", files.certificate, url, "-d", image)
            #expect(answer.output.hasPrefix("HTTP/1.1 200") && answer.output.contains(#""data":[7]"#), "\(answer)")
            let large = try files.add("large", String(repeating: "0", count: 1_000_000))
            let refused = try await curl(
                "--cacert",
                files.certificate,
                url,
                "-H",
                "Expect: 100-continue",
                "-H",
                "Inference-Timeout-Ms: 500",
                "-H",
                "Inference-Header-Content-Length: 147",
                "-w",
                "|%{size_upload} bytes sent",
                "--data-binary",
                "@\(large)"
            )
            #expect(refused.output.hasPrefix("HTTP/1.1 504") && refused.output.hasSuffix("|0 bytes sent"), "\(refused)")
            try await IntegrationTests.expect(gateway, accepts: "tls_clients.py", ["--ca", files.certificate])
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `A certificate is replaced under load without a lost request, and a bad one is not taken`()
            async throws
        {
            let files = try TestCertificateFiles(TestCertificate("localhost"))
            let gateway = try await gateway(files)
            async let load = gateway.accept("tls_load.py", ["--seconds", "4", "--until-certificates", "3"])
            for round in 0..<2 {
                try await Task.sleep(for: .seconds(1))
                try files.write(TestCertificate("localhost", until: 100_000 + round))
            }
            let result = try await load
            #expect(result.status == 0, "\(result.output)\(result.errorOutput)")
            try files.write(TestCertificate("localhost"), withKey: false)
            try await Task.sleep(for: .seconds(1))
            let answer = try await curl("-k", "https://127.0.0.1:\(gateway.port)/metrics")
            #expect(answer.output.contains("gateway_tls_certificate_expiry_timestamp_seconds "))
            let ended = try await gateway.stop()
            IntegrationTests.expectCleanEnd(ended)
            let lines = ended.errorOutput.split(separator: "\n")
            #expect(lines.filter { $0.contains("the TLS certificate was read anew") }.count == 2)
            #expect(lines.filter { $0.contains("is no good: the old one stays") }.count == 1)
        }

        @Test func `Quotas hold for each client's certificate, and a client without one is not served`() async throws {
            let files = try TestCertificateFiles(TestCertificate("localhost"))
            let authority = try TestCertificate("devices", for: .authority)
            let trusted = try files.add("devices.pem", authority.certificateText)
            let quota = "  client_ca: \(trusted)\ncallers:\n  requests_per_second: 0.01\n  burst_ms: 100000\n"
            let gateway = try await gateway(files, quota)
            let url = "https://127.0.0.1:\(gateway.port)/v2/models/digits/infer"
            var statuses: [String] = []
            for name in ["camera-1", "camera-2"] {
                let camera = try TestCertificate(name, for: .client, signedBy: authority)
                let shown = try files.add("\(name).pem", camera.certificateText + camera.keyText)
                for _ in 0..<2 {
                    let answer = try await curl("--cacert", files.certificate, "--cert", shown, url, "-d", image)
                    statuses.append(String(answer.output.prefix(12).suffix(3)))
                }
            }
            #expect(statuses == ["200", "429", "200", "429"])
            let stranger = try await curl("--cacert", files.certificate, url, "-d", image)
            #expect(stranger.status != 0 && stranger.output.isEmpty, "\(stranger)")
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `A trace is replayed over TLS, by certificates that are trusted only`() async throws {
            let files = try TestCertificateFiles(TestCertificate("localhost"))
            let gateway = try await gateway(files)
            let trace = Trace(
                (0..<20).map { TraceRequest(arrival: Double($0) * 0.01, model: "digits", device: "a", timeout: 5000) }
            )
            let address = try ReplayAddress("https://127.0.0.1:\(gateway.port)")
            for trust in [ReplayTrust.file(files.certificate), .any] {
                var options = ReplayOptions()
                options.trust = trust
                let report = try await Replayer(address: address, options: options).play(trace)
                #expect(report.counts.inTime == 20, "\(report)")
            }
            await #expect(throws: ServingError.self) { try await Replayer(address: address).play(trace) }
            IntegrationTests.expectCleanEnd(try await gateway.stop())
        }

        @Test func `Plain HTTP is told so, and the log says it once`() async throws {
            let files = try TestCertificateFiles(TestCertificate("localhost"))
            let gateway = try await gateway(files)
            for _ in 0..<3 {
                let answer = try await curl("\(gateway.url)/v2/health/live")
                #expect(answer.output.hasPrefix("HTTP/1.1 400"), "\(answer)")
            }
            let ended = try await gateway.stop()
            let lines = ended.errorOutput.split(separator: "\n")
            #expect(lines.filter { $0.contains("a client spoke plain HTTP where TLS is spoken") }.count == 1)
        }

        @Test func `--check says what is wrong with the pair`() async throws {
            let files = try TestCertificateFiles(TestCertificate("localhost", since: -100, until: -50))
            let other = try files.add("other.pem", TestCertificate("other").keyText)
            let cases = [
                (files.certificate, files.key, "tls.certificate: \(files.certificate) expired on "),
                (files.certificate, other, "tls.key: \(other) is not the key of the certificate in "),
                (files.certificate, "/nothing.pem", "tls.key: /nothing.pem cannot be read: there is no such file"),
            ]
            let store = try await LiveGatewayStore.shared.copy()
            for (certificate, key, expected) in cases {
                let text = "tls:\n  certificate: \(certificate)\n  key: \(key)\n"
                let checked = try await LiveGatewayProcess.run(
                    LiveGatewayPaths.gateway,
                    ["serve", "--check", "--store", store.path, "--config", try files.add("gateway.yaml", text)]
                )
                #expect(checked.status == 2 && checked.errorOutput.contains(expected), "\(checked)")
            }
        }
    }
}
