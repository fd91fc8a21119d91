import Dispatching
import LoadScheduling
import ServingCore
import TestSupport

/// A simulated server around a dispatcher that counts what the dispatcher itself takes: loads, batches and uploads take what
/// is estimated, on a clock of events.
struct MeasuredServer {
    private struct Timed {
        var time: Double
        var sequence: Int
        var event: DispatchEvent
    }

    private(set) var dispatcher: Dispatcher
    /// Events handled, processor seconds they took, and the longest.
    private(set) var events = 0
    private(set) var eventSeconds = 0.0
    private(set) var longestSeconds = 0.0
    /// Plans looked for, and processor seconds that took.
    private(set) var plans = 0
    private(set) var planningSeconds = 0.0

    private let models: [DispatchCatalog.Model]
    private let isPlanning: Bool
    private let scheduler = AutoScheduler()
    private var random: SeededGenerator
    private var now = 0.0
    private var heap: [Timed] = []
    private var sequence = 0
    /// When the one alarm there is comes, as in a gateway: one that is replaced does not.
    private var wake = Double.infinity

    init(_ configuration: DispatcherConfiguration, _ catalog: DispatchCatalog, plans: Bool, seed: UInt64) {
        dispatcher = Dispatcher(configuration: configuration, catalog: catalog)
        models = catalog.models
        isPlanning = plans
        random = SeededGenerator(seed: seed)
    }

    /// Requests at that rate, one after the other; popular models more often.
    mutating func offer(_ perSecond: Double, over seconds: Double, deadlines: ClosedRange<Double>) {
        var time = 0.0
        var id = UInt64(0)
        while time < seconds {
            time += .random(in: 0...(2 / perSecond), using: &random)
            id += 1
            let point = Double.random(in: 0..<1, using: &random)
            let arrival = Arrival(
                id: RequestID(rawValue: id),
                model: models[Int(point * point * Double(models.count))].id,
                bodyBytes: ByteCount(.random(in: 5_000...100_000, using: &random)),
                deadline: Self.instant(time + .random(in: deadlines, using: &random))
            )
            schedule(.arrived(arrival), at: time)
        }
    }

    /// Runs until nothing is left to happen.
    mutating func run() {
        var actions: [DispatchAction] = []
        while let next = popNext() {
            now = max(now, next.time)
            actions.removeAll(keepingCapacity: true)
            let start = ProcessorTime.seconds
            dispatcher.handle(next.event, at: Self.instant(now), into: &actions)
            let taken = ProcessorTime.seconds - start
            events += 1
            eventSeconds += taken
            longestSeconds = max(longestSeconds, taken)
            for action in actions { carryOut(action) }
        }
    }

    private static func instant(_ seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: Int64(seconds * 1e9))
    }

    private mutating func carryOut(_ action: DispatchAction) {
        switch action {
        case .admit(let id, let grant):
            schedule(.uploadFinished(id), at: now + max(grant.estimate.upload.inSeconds * 0.95, 1e-4))
        case .load(let order): load(order)
        case .run(let order):
            let seconds = 0.002 + 0.0005 * Double(order.requests.count)
            let result = BatchResult(order: order.id, duration: .seconds(seconds), groupSizes: [order.requests.count])
            schedule(.batchFinished(result), at: now + seconds)
        case .plan(let task): plan(task)
        case .wake(let instant):
            let time = Double(instant.nanoseconds) * 1e-9
            wake = min(wake, max(now, time))
        default: break
        }
    }

    private mutating func load(_ order: LoadOrder) {
        var seconds = 0.0
        var outcomes: [BlockID: LoadResult.Outcome] = [:]
        for block in order.load {
            let each = 0.2e-3 + Double(block.size.rawValue) / 2e9
            seconds += each
            outcomes[block.id] = .loaded(.seconds(each), size: block.size)
        }
        schedule(.loadFinished(LoadResult(order: order.id, blocks: outcomes)), at: now + seconds)
    }

    /// Solves with the budget a gateway gives; on the simulated clock it takes what it took.
    private mutating func plan(_ task: PlanningTask) {
        guard isPlanning else { return }
        let start = ProcessorTime.seconds
        let limits = SchedulingLimits(budgetSeconds: 0.02) { start + 0.02 - ProcessorTime.seconds }
        let result = scheduler.solve(task.problem, limits: limits)
        let taken = ProcessorTime.seconds - start
        plans += 1
        planningSeconds += taken
        schedule(.planned(PlanningResult(task: task, schedule: result.schedule)), at: now + taken)
    }
}

extension MeasuredServer {
    private mutating func schedule(_ event: DispatchEvent, at time: Double) {
        sequence += 1
        heap.append(Timed(time: time, sequence: sequence, event: event))
        var index = heap.count - 1
        while index > 0, comes(index, before: (index - 1) / 2) {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// The next event, or the alarm where that comes first.
    private mutating func popNext() -> Timed? {
        guard wake < heap.first?.time ?? .infinity else { return popFirst() }
        defer { wake = .infinity }
        return Timed(time: wake, sequence: 0, event: .tick)
    }

    private mutating func popFirst() -> Timed? {
        guard !heap.isEmpty else { return nil }
        heap.swapAt(0, heap.count - 1)
        let first = heap.popLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && comes(child, before: least) {
                least = child
            }
            guard least != index else { return first }
            heap.swapAt(least, index)
            index = least
        }
    }

    private func comes(_ left: Int, before right: Int) -> Bool {
        (heap[left].time, heap[left].sequence) < (heap[right].time, heap[right].sequence)
    }
}
