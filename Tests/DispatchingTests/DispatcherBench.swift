import Dispatching
import ServingCore
import Testing

/// A dispatcher with two models that share a block, driven by hand: one event at a time, on a hand-wound clock.
struct DispatcherBench {
    var dispatcher: Dispatcher
    var now = MonotonicInstant.origin
    static let cat = ModelID(name: "cat", version: 1)
    static let dog = ModelID(name: "dog", version: 1)
    static let backbone = ParameterBlock(id: BlockID("backbone"), size: 10)
    static let catHead = ParameterBlock(id: BlockID("cat.head"), size: 1)
    static let dogHead = ParameterBlock(id: BlockID("dog.head"), size: 1)
    static let catalog = DispatchCatalog(models: [
        DispatchCatalog.Model(id: cat, blocks: [backbone, catHead], isBatchable: true),
        DispatchCatalog.Model(id: dog, blocks: [backbone, dogHead], isBatchable: true),
    ])

    init() {
        dispatcher = Dispatcher(configuration: Self.configuration(), catalog: Self.catalog)
    }

    static func configuration(_ change: (inout DispatcherConfiguration) -> Void = { _ in })
        -> DispatcherConfiguration
    {
        var configuration = DispatcherConfiguration(memoryLimit: 12)
        // Figures in tests are easier to follow where nearly all of an uplink is promised, up to the last moment.
        (configuration.uplinkHeadroom, configuration.uploadReserve) = (0.03, .zero)
        change(&configuration)
        return configuration
    }

    mutating func start(_ change: (inout DispatcherConfiguration) -> Void) {
        dispatcher = Dispatcher(configuration: Self.configuration(change), catalog: Self.catalog)
    }

    mutating func send(_ event: DispatchEvent, after delay: Duration = .zero) -> [DispatchAction] {
        now = now.advanced(by: delay)
        var actions: [DispatchAction] = []
        dispatcher.handle(event, at: now, into: &actions)
        return actions.filter { if case .wake = $0 { false } else { true } }
    }

    mutating func arrive(
        _ id: UInt64,
        _ model: ModelID = cat,
        within deadline: Duration = .seconds(1),
        bytes: Int = 1000
    ) -> [DispatchAction] {
        send(
            .arrived(
                Arrival(
                    id: RequestID(rawValue: id),
                    model: model,
                    bodyBytes: ByteCount(bytes),
                    deadline: now.advanced(by: deadline)
                )
            )
        )
    }

    func rejection(_ actions: [DispatchAction]) -> ServingError? {
        for case .reject(_, let error) in actions { return error }
        return nil
    }

    func failure(_ actions: [DispatchAction]) -> ServingError.Code? {
        for case .fail(_, let error) in actions { return error.code }
        return nil
    }

    func failureText(_ actions: [DispatchAction]) -> String? {
        for case .fail(_, let error) in actions { return error.message }
        return nil
    }

    func load(_ actions: [DispatchAction]) -> LoadOrder? {
        for case .load(let order) in actions { return order }
        return nil
    }

    func run(_ actions: [DispatchAction]) -> BatchOrder? {
        for case .run(let order) in actions { return order }
        return nil
    }

    func isAdmitted(_ actions: [DispatchAction]) -> Bool {
        actions.contains { if case .admit = $0 { true } else { false } }
    }

    mutating func finish(_ order: LoadOrder?, failing: Bool = false) throws -> [DispatchAction] {
        let order = try #require(order)
        let failure = LoadResult.Outcome.failed(ServingError(.engineFailed, "broken file"))
        let outcomes = order.load.map { ($0.id, failing ? failure : .loaded(.milliseconds(1), size: nil)) }
        let result = LoadResult(order: order.id, blocks: Dictionary(uniqueKeysWithValues: outcomes))
        return send(.loadFinished(result), after: .milliseconds(1))
    }

    mutating func finish(_ order: BatchOrder?, taking duration: Duration = .milliseconds(3)) throws
        -> [DispatchAction]
    {
        send(.batchFinished(BatchResult(order: try #require(order).id, duration: duration)), after: duration)
    }

    /// Makes `cat` resident by serving request 100.
    mutating func warmUp() throws {
        let load = load(arrive(100))
        _ = send(.uploadFinished(RequestID(rawValue: 100)))
        _ = try finish(run(try finish(load)))
    }
}
