public import ModelCatalog
public import ServingCore

/// Tries models in a process of its own, for imports: a model that ends that process is refused, and nothing else ends.
///
/// `@unchecked Sendable` because one import at a time uses it, on one thread.
public final class ModelProbe: TensorTypeInference, ImportTrials, @unchecked Sendable {
    /// Whether models are only loaded, and not run.
    public let onlyLoads: Bool
    /// The most requests that will stand side by side.
    public let largestBatch: Int
    /// The most rows that these may have together.
    public let largestRows: Int
    private let limits: ProbeLimits
    private var process: ProbeProcess
    /// What the process ended with; it is not started again for the same model.
    private var end: ProbeProcess.End?

    /// Starts the process, and has it open ONNX Runtime.
    ///
    /// `executable` is the gateway's own; `runs` says whether models are run, or only loaded.
    /// - Throws: `ServingError` where the process cannot be started, or saying where ONNX Runtime was looked for.
    public init(
        configuration: GatewayConfiguration,
        runs: Bool,
        limits: ProbeLimits = .standard,
        executable: String = "/proc/self/exe"
    ) throws(ServingError) {
        self.limits = limits
        onlyLoads = !runs
        largestBatch = configuration.scheduling.maximumBatchSize
        largestRows = configuration.scheduling.maximumBatchRows
        process = try ProbeProcess.started(executable, limits: limits)
        let answer: ProbeAnswer
        do throws(ProbeProcess.End) {
            answer = try process.answer(to: .open(ProbeSettings(configuration, limits)))
        } catch {
            throw ServingError(.internalError, "ONNX Runtime cannot be opened in a process of its own: \(error)")
        }
        guard case .ready = answer else { throw Self.error(answer) }
    }

    /// The outputs of the model in `bytes`, as ONNX Runtime infers them.
    public func outputSpecifications(ofModel bytes: [UInt8]) throws(ServingError) -> [TensorSpecification] {
        let answer: ProbeAnswer
        do throws(ProbeProcess.End) {
            answer = try self.answer(to: .types(byteCount: bytes.count), bytes)
        } catch {
            throw ServingError(.engineFailed, error.message(limits))
        }
        guard case .types(let tensors) = answer else { throw Self.error(answer) }
        return tensors.compactMap(\.specification)
    }

    /// Carries out `order` in the process.
    public func outcome(of order: TrialOrder) throws(CatalogError) -> TrialOutcome {
        let answer: ProbeAnswer
        do throws(ProbeProcess.End) {
            answer = try self.answer(to: .trial(order))
        } catch {
            throw CatalogError(.unsupportedModel, error.message(limits))
        }
        switch answer {
        case .trial(let outcome): return outcome
        case .catalogError(let code, let message):
            throw CatalogError(CatalogError.Code(rawValue: code) ?? .unsupportedModel, message)
        default: throw CatalogError(.unsupportedModel, Self.error(answer).message)
        }
    }

    private func answer(to request: ProbeRequest, _ bytes: [UInt8] = []) throws(ProbeProcess.End) -> ProbeAnswer {
        if let end { throw end }
        do throws(ProbeProcess.End) {
            return try process.answer(to: request, bytes)
        } catch {
            end = error
            throw error
        }
    }

    private static func error(_ answer: ProbeAnswer) -> ServingError {
        switch answer {
        case .engineError(let code, let message):
            return ServingError(ServingError.Code(rawValue: code) ?? .engineFailed, message)
        case .catalogError(_, let message): return ServingError(.engineFailed, message)
        default: return ServingError(.internalError, "the process that tries models answered something else")
        }
    }
}
