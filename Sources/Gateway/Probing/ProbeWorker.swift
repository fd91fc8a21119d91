private import Foundation
private import Glibc
internal import ModelCatalog
internal import ServingCore

/// The other side of ``ModelProbe``: the process that tries models, and may end by them.
public struct ProbeWorker {
    /// The command that runs it.
    public static let commandName = "probe-model"

    private var types: ONNXTensorTypes?
    private var trials: ONNXTrialEngine?

    /// Makes a worker.
    public init() {}

    /// Answers what comes on the standard input, a socket, until nobody is there any more.
    public mutating func run() {
        var channel = ProbeChannel(owning: dup(0))
        Self.leaveWithParent()
        while let request = channel.receive(ProbeRequest.self) {
            let answer: ProbeAnswer
            do throws(ServingError) {
                answer = try self.answer(to: request, &channel)
            } catch {
                answer = ProbeAnswer(error)
            }
            guard channel.send(answer) else { return }
        }
    }

    private mutating func answer(
        to request: ProbeRequest,
        _ channel: inout ProbeChannel
    ) throws(ServingError) -> ProbeAnswer {
        switch request {
        case .open(let settings):
            Self.limitSelf(settings)
            types = try ONNXTensorTypes(configuration: settings.configuration)
            trials = try ONNXTrialEngine(configuration: settings.configuration)
            return .ready
        case .types(let byteCount):
            guard let types, let bytes = channel.receive(count: byteCount) else { break }
            return .types(try types.outputSpecifications(ofModel: bytes).map(ProbeTensor.init))
        case .trial(let order):
            guard let trials else { break }
            do throws(CatalogError) {
                return .trial(try trials.outcome(of: order))
            } catch {
                return .catalogError(code: error.code.rawValue, message: error.message)
            }
        }
        throw ServingError(.internalError, "a request came too early, or in part")
    }

    /// No core files; no more processor time than that, whoever watches; and the first to go where memory runs out.
    private static func limitSelf(_ settings: ProbeSettings) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        let seconds = rlim_t(max(settings.processorSeconds, 1))
        var time = rlimit(rlim_cur: seconds, rlim_max: seconds)
        setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &time)
        try? "1000".write(toFile: "/proc/self/oom_score_adj", atomically: false, encoding: .utf8)
    }

    /// Ends the process when the other side goes, also in the middle of a run.
    private static func leaveWithParent() {
        Thread.detachNewThread {
            while true {
                var look = pollfd(fd: 0, events: 0x2000 /* POLLRDHUP */, revents: 0)
                if poll(&look, 1, -1) > 0, look.revents != 0 { _exit(1) }
            }
        }
    }
}
