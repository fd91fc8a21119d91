private import Foundation
internal import Logging
internal import ServingCore
internal import TransportSecurity

/// Reads a server's certificate again when its files change, and says in the log what came of it.
final class CertificateWatch: Sendable {
    private let identity: TLSIdentity
    private let interval: Duration
    private let logger: Logger
    private let alarm = AlarmThread()

    /// Looks at the files every `interval`; 0 leaves them until ``reload()``.
    init(_ identity: TLSIdentity, interval: Duration, logger: Logger) {
        self.identity = identity
        self.interval = interval
        self.logger = logger
    }

    /// Starts to look; says now where clients will refuse the certificate.
    func start() {
        if let problem = identity.newest.problem(at: Self.now) {
            let details: Logger.Metadata = ["file": "\(problem.path)", "problem": "\(problem.reason)"]
            logger.error("clients will refuse the TLS certificate", metadata: details)
        }
        alarm.start(name: "certificates") { [self] in
            tell(identity.look(at: Self.now))
            ringLater()
        }
        ringLater()
    }

    /// Ends the thread.
    func stop() { alarm.stop() }

    /// Reads the files now, whether they changed or not.
    func reload(_ files: TLSFiles) {
        tell(identity.reload(files, at: Self.now))
    }

    private func ringLater() {
        guard interval > .zero else { return }
        alarm.ring(at: SystemMonotonicClock.now().advanced(by: interval))
    }

    private func tell(_ outcome: TLSIdentity.Outcome?) {
        switch outcome {
        case nil: break
        case .replaced:
            let end = identity.newest.validity.upperBound - Self.now
            logger.info("the TLS certificate was read anew", metadata: ["ends_in_s": "\(end)"])
        case .kept(let problem):
            let details: Logger.Metadata = ["file": "\(problem.path)", "problem": "\(problem.reason)"]
            logger.error("the new TLS certificate is no good: the old one stays", metadata: details)
        }
    }

    /// Seconds since 1970.
    private static var now: Int { Int(Date().timeIntervalSince1970) }
}
