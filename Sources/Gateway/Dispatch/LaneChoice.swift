internal import Foundation
internal import ModelCatalog

/// How many batches run at once, and what busy lanes are expected to cost each other before that is observed.
struct LaneChoice: Equatable, Sendable {
    /// How many lanes there are, at least 1.
    let count: Int
    /// By what part a batch takes longer while all other lanes are busy.
    let slowdown: Double

    /// Where it was never measured what serves most, there are no more lanes than that.
    static let mostUnmeasured = 8
    /// There are never more lanes than that.
    static let most = 1024

    /// What is `configured`, where that is more than 0; else what was `measured` to serve most; else one lane for each of the
    /// `processors`. `threads` work on one operator; 0 is one for each processor.
    init(configured: Int, threads: Int, processors: Int, measured: Calibration.Lanes?) {
        // A calibration is a file, in which anything may stand.
        let measured = measured.flatMap { Self.isPossible($0) ? $0 : nil }
        let unmeasured = min(max(processors, 1), Self.mostUnmeasured)
        count = configured > 0 ? configured : measured?.count ?? unmeasured
        if let measured, measured.count == count {
            slowdown = measured.slowdown
        } else {
            // As if the threads of all lanes shared the processors evenly, and ran no slower where there is one for each.
            let wanted = Double(count * (threads > 0 ? threads : processors))
            slowdown = count > 1 ? max(wanted / Double(max(processors, 1)) - 1, 0) : 0
        }
    }

    private static func isPossible(_ measured: Calibration.Lanes) -> Bool {
        (1...most).contains(measured.count) && (0...Double(most)).contains(measured.slowdown)
    }

    /// The choice for a gateway of this configuration on this machine.
    init(_ engine: GatewayConfiguration.Engine, measured: Calibration.Lanes?) {
        self.init(
            configured: engine.lanes,
            threads: engine.threads,
            processors: ProcessInfo.processInfo.activeProcessorCount,
            measured: measured
        )
    }
}
