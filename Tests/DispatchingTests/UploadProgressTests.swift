import Dispatching
import LoadScheduling
import ServingCore
import TestSupport
import Testing

/// What the dispatcher makes of what is seen of uploads; 1 Mbit/s is shared, the model is resident.
struct UploadProgressTests {
    private var dispatcher: Dispatcher
    private var now = MonotonicInstant.origin
    private static let model = ModelID(name: "cat", version: 1)
    /// Of the same block, but in batches of its own.
    private static let other = ModelID(name: "kitten", version: 1)
    private static let catalog = DispatchCatalog(models: [
        DispatchCatalog.Model(
            id: model,
            blocks: [ParameterBlock(id: BlockID("cat"), size: 1)],
            isBatchable: true
        ),
        DispatchCatalog.Model(
            id: other,
            blocks: [ParameterBlock(id: BlockID("cat"), size: 1)],
            isBatchable: true
        ),
    ])

    init() throws {
        dispatcher = Dispatcher(configuration: Self.configuration(.varying), catalog: Self.catalog)
        try warmUp()
    }

    private static func configuration(_ allocation: EdgeServer.Shares) -> DispatcherConfiguration {
        var configuration = DispatcherConfiguration(memoryLimit: 12, uplink: .rate(BitsPerSecond(1e6)))
        configuration.allocation = allocation
        (configuration.uplinkHeadroom, configuration.uploadReserve) = (0.03, .zero)
        return configuration
    }

    private mutating func start(
        _ allocation: EdgeServer.Shares,
        slack: Duration = .milliseconds(1),
        reserve: Duration = .zero
    ) throws {
        var configuration = Self.configuration(allocation)
        (configuration.safetySlack, configuration.uploadReserve) = (slack, reserve)
        dispatcher = Dispatcher(configuration: configuration, catalog: Self.catalog)
        try warmUp()
    }

    private mutating func warmUp() throws {
        var order: LoadOrder?
        for case .load(let load) in arrive(100, kilobits: 1, within: .seconds(1)) { order = load }
        _ = send(.uploadFinished(RequestID(rawValue: 100)))
        let load = try #require(order)
        let loaded = Dictionary(
            uniqueKeysWithValues: load.load.map { ($0.id, LoadResult.Outcome.loaded(.milliseconds(1), size: nil)) }
        )
        var batch: BatchOrder?
        for case .run(let run) in send(.loadFinished(LoadResult(order: load.id, blocks: loaded))) { batch = run }
        let run = try #require(batch)
        _ = send(.batchFinished(BatchResult(order: run.id, duration: .milliseconds(3))), after: .milliseconds(3))
    }

    private mutating func send(_ event: DispatchEvent, after delay: Duration = .zero) -> [DispatchAction] {
        now = now.advanced(by: delay)
        var actions: [DispatchAction] = []
        dispatcher.handle(event, at: now, into: &actions)
        return actions
    }

    private mutating func arrive(
        _ id: UInt64,
        _ model: ModelID = model,
        kilobits: Int,
        within deadline: Duration,
        linkRate: Double? = nil
    ) -> [DispatchAction] {
        let arrival = Arrival(
            id: RequestID(rawValue: id),
            model: model,
            bodyBytes: ByteCount(kilobits * 125),
            linkRate: linkRate.map { BitsPerSecond($0) },
            deadline: now.advanced(by: deadline)
        )
        return send(.arrived(arrival))
    }

    /// Reports every 25 ms; `bits` gives what has arrived of each upload after so many seconds.
    private mutating func watch(
        _ ids: [UInt64],
        for span: Duration,
        linkRate: Double? = nil,
        isHeld: Bool = false,
        kilobits: (UInt64, Double) -> Double
    ) -> [DispatchAction] {
        let start = now
        var actions: [DispatchAction] = []
        while start.duration(to: now) < span {
            let seconds = start.seconds(to: now) + 0.025
            let reports = ids.map {
                UploadReport(
                    id: RequestID(rawValue: $0),
                    receivedBytes: ByteCount(Int(kilobits($0, seconds) * 125)),
                    isHeld: isHeld,
                    linkRate: linkRate.map { BitsPerSecond($0) }
                )
            }
            actions += send(.uploadsProgressed(reports), after: .milliseconds(25))
        }
        return actions
    }

    private func failures(_ actions: [DispatchAction]) -> [ServingError.Code] {
        actions.compactMap { if case .fail(_, let error) = $0 { error.code } else { nil } }
    }

    private func isAdmitted(_ actions: [DispatchAction]) -> Bool {
        actions.contains { if case .admit = $0 { true } else { false } }
    }

    @Test mutating func `an upload that stops ends with 408 at its latest start, not before`() {
        _ = arrive(1, kilobits: 200, within: .seconds(1))
        #expect(failures(watch([1], for: .milliseconds(950)) { _, time in min(time, 0.1) * 900 }).isEmpty)
        #expect(failures(send(.tick, after: .milliseconds(49))) == [.requestTimeout])
        #expect(dispatcher.inFlightRequestCount == 0)
    }

    @Test mutating func `an upload that its own share kept from ending in time is not the device's fault`() {
        _ = arrive(1, kilobits: 200, within: .seconds(1))
        #expect(failures(watch([1], for: .milliseconds(775), isHeld: true) { _, time in time * 10 }).isEmpty)
        #expect(failures(watch([1], for: .milliseconds(225), isHeld: true) { _, _ in 10 }) == [.deadlinePassed])
    }

    @Test mutating func `an upload that not even the whole uplink could end in time is given up at once`() throws {
        for allocation in [EdgeServer.Shares.constant, .varying] {
            try start(allocation)
            let start = now
            _ = arrive(1, kilobits: 500, within: .seconds(1))
            // What was promised to it is used by nobody else: 0.4 s before the deadline, 0.4 s of the uplink are missing.
            #expect(failures(watch([1], for: .milliseconds(575), isHeld: true) { _, time in time * 150 }).isEmpty)
            #expect(failures(watch([1], for: .milliseconds(50), isHeld: true) { _, _ in 87 }) == [.deadlinePassed])
            #expect(start.duration(to: now) < .milliseconds(700))
        }
    }

    @Test mutating func `an upload late for its batch gets what others leave while its deadline can be met`() throws {
        try start(.constant, slack: .milliseconds(50))
        _ = arrive(1, kilobits: 200, within: .seconds(1))
        _ = arrive(2, Self.other, kilobits: 300, within: .seconds(2))
        _ = watch([1, 2], for: .milliseconds(950), isHeld: true) { id, time in id == 1 ? time * 200 : time * 100 }
        // 10 kbit are left, and 47 ms to send them in; the other needs a fifth of the uplink.
        let share = try #require(dispatcher.request(RequestID(rawValue: 1))?.share?.rawValue)
        #expect(share > 10e3 / 50e-3)
        #expect(dispatcher.request(RequestID(rawValue: 2))?.share?.rawValue ?? 0 > 200e3)
        #expect((dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 1.001e6)
    }

    @Test(arguments: [nil, 250e3])
    mutating func `an upload late for its batch keeps newcomers out with no more than its device can use`(
        linkRate: Double?
    ) throws {
        try start(.constant, slack: .milliseconds(50))
        _ = arrive(1, kilobits: 200, within: .seconds(1))
        _ = watch([1], for: .milliseconds(950), linkRate: linkRate, isHeld: true) { _, time in time * 200 }
        // 10 kbit are left, planned to be here by now: endless by the plan, a quarter of the uplink by the device's link.
        let isKnown = linkRate != nil
        #expect(isAdmitted(arrive(2, Self.other, kilobits: 300, within: .milliseconds(500))) == isKnown)
        #expect(!isAdmitted(arrive(3, Self.other, kilobits: 200, within: .milliseconds(500))))
        if isKnown { #expect(dispatcher.request(RequestID(rawValue: 1))?.share?.rawValue ?? 0 >= 250e3) }
        _ = send(.tick, after: .milliseconds(20))
        #expect((dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 1.001e6)
    }

    @Test(arguments: [false, true])
    mutating func `an upload that uses up its reserve keeps newcomers out only where the uplink is full`(
        isFull: Bool
    ) throws {
        try start(.constant, reserve: .milliseconds(50))
        _ = arrive(1, kilobits: 200, within: .seconds(1))
        _ = arrive(2, Self.other, kilobits: 900, within: .seconds(3))
        _ = watch([1, 2], for: .milliseconds(950), isHeld: true) { id, time in
            id == 1 ? time * 200 : time * (isFull ? 600 : 100)
        }
        // It was planned to end 4 ms ago. 10 kbit are left: a fifth of the uplink for as long as its reserve; the other needs two.
        #expect(isAdmitted(arrive(3, Self.other, kilobits: 100, within: .milliseconds(500))) == !isFull)
        _ = send(.tick, after: .milliseconds(20))
        #expect((dispatcher.allocatedUplink?.rawValue ?? .infinity) <= 1.001e6)
    }

    @Test mutating func `a stalled upload's share goes to others`() {
        #expect(isAdmitted(arrive(1, kilobits: 700, within: .seconds(1))))
        #expect(!isAdmitted(arrive(2, kilobits: 500, within: .seconds(1))))
        _ = watch([1], for: .milliseconds(300)) { _, _ in 0 }
        #expect(isAdmitted(arrive(3, kilobits: 500, within: .milliseconds(690))))
    }

    @Test mutating func `a device too slow for its deadline is given up at once`() {
        _ = arrive(1, kilobits: 700, within: .seconds(1))
        #expect(failures(watch([1], for: .milliseconds(100)) { _, time in time * 300 }).isEmpty)
        #expect(failures(watch([1], for: .milliseconds(25), linkRate: 3e5) { _, _ in 33 }) == [.deadlinePassed])
        #expect(isAdmitted(arrive(2, kilobits: 800, within: .seconds(1))))
    }

    @Test mutating func `a request that is given up says where its time went`() throws {
        _ = arrive(1, kilobits: 700, within: .seconds(1))
        _ = watch([1], for: .milliseconds(100)) { _, time in time * 300 }
        var failure: ServingError?
        for case .fail(_, let error) in watch([1], for: .milliseconds(25), linkRate: 3e5, kilobits: { _, _ in 33 }) {
            failure = error
        }
        // An eighth of a second is gone, 667 kbit are left at 0.3 Mbit/s.
        let upload = try #require(failure?.breakdown?.upload.inSeconds)
        #expect(abs(upload - (0.125 + 667e3 / 3e5)) < 0.01)
        #expect(failure?.breakdown?.compute ?? .zero > .zero)
        #expect(failure?.deadline == .milliseconds(875))
    }

    @Test mutating func `a device known to be too slow is refused at its head`() {
        #expect(!isAdmitted(arrive(1, kilobits: 700, within: .seconds(1), linkRate: 5e5)))
        #expect(isAdmitted(arrive(2, kilobits: 400, within: .seconds(1), linkRate: 5e5)))
    }

    @Test mutating func `what a slow device leaves is granted to others`() {
        _ = arrive(1, kilobits: 300, within: .seconds(1))
        _ = arrive(2, kilobits: 300, within: .seconds(2))
        _ = send(.tick, after: .milliseconds(5))
        let before = dispatcher.request(RequestID(rawValue: 2))?.share?.rawValue ?? -1
        _ = watch([1, 2], for: .milliseconds(50), linkRate: 4e5) { id, time in id == 1 ? time * 400 : 0 }
        let after = dispatcher.request(RequestID(rawValue: 2))?.share?.rawValue ?? -1
        #expect(before == 0)
        #expect(abs(after - 5e5) < 1e3)
    }

    @Test mutating func `a refusal for the uplink says what it could carry`() throws {
        _ = arrive(1, kilobits: 600, within: .seconds(1))
        var refusal: ServingError?
        for case .reject(_, let error) in arrive(2, Self.other, kilobits: 800, within: .seconds(1)) { refusal = error }
        let quota = try #require(refusal?.uplinkQuota)
        #expect(refusal?.code == .uplinkUnavailable)
        #expect(abs(quota.windowBytes.bits - 970e3) < 10e3)
        #expect(quota.freeBytes.bits > 300e3 && quota.freeBytes.bits < 400e3)
        #expect(quota.reset < .seconds(1) && quota.reset > .milliseconds(900))
    }

    @Test mutating func `shares that vary admit what constant ones cannot carry`() throws {
        for (allocation, count) in [(EdgeServer.Shares.constant, 1), (.varying, 2)] {
            try start(allocation)
            let first = arrive(1, kilobits: 400, within: .milliseconds(500))
            let second = arrive(2, Self.other, kilobits: 400, within: .milliseconds(1000))
            #expect([first, second].count(where: isAdmitted) == count, "\(allocation)")
        }
    }

    @Test mutating func `the most urgent upload is served first where shares vary`() {
        _ = arrive(1, kilobits: 200, within: .seconds(2))
        _ = arrive(2, Self.other, kilobits: 200, within: .seconds(1))
        _ = send(.tick, after: .milliseconds(5))
        #expect(dispatcher.request(RequestID(rawValue: 1))?.share?.rawValue == 0)
        #expect(dispatcher.request(RequestID(rawValue: 2))?.share?.rawValue == 1e6)
        _ = send(.uploadFinished(RequestID(rawValue: 2)), after: .milliseconds(5))
        _ = send(.tick, after: .milliseconds(5))
        #expect(dispatcher.request(RequestID(rawValue: 1))?.share?.rawValue == 1e6)
    }
}
