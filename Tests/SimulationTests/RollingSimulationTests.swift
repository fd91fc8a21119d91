import AdmissionControl
import BandwidthAllocation
import LoadScheduling
import ServingCore
import Testing

@testable import Dispatching
@testable import Simulation

struct RollingSimulationTests {
    /// One model of two blocks that load in 10 and 20 ms; a batch takes 4 ms and 1 ms for each request.
    private static let server = EdgeServer(
        blocks: [EdgeServer.Block(bytes: 1000, loadSeconds: 0.01), EdgeServer.Block(bytes: 2000, loadSeconds: 0.02)],
        models: [EdgeServer.Model(blocks: [0, 1], baseSeconds: 0.004, itemSeconds: 0.001)],
        memoryBytes: 3000
    )

    private func run(
        _ arrivals: [RollingArrival],
        uplink: UplinkConfiguration = .rate(BitsPerSecond(8e6)),
        _ change: (inout RollingSettings) -> Void = { _ in }
    ) -> RollingOutcome {
        var configuration = DispatcherConfiguration(memoryLimit: ByteCount(3000), uplink: uplink)
        configuration.uplinkHeadroom = 0
        var settings = RollingSettings(configuration)
        change(&settings)
        var simulation = RollingSimulation(RollingServer(Self.server), settings, arrivals: arrivals)
        return simulation.run()
    }

    @Test func `one request takes its upload beside its load, then its batch`() {
        // 50,000 bytes at 8 Mbit/s: 50 ms, over the 30 ms of the load; then 5 ms.
        let outcome = run([RollingArrival(time: 1, model: 0, bytes: 50_000, timeout: 0.2)])
        #expect(outcome.inTime == 1 && outcome.sent == 1)
        #expect(abs(outcome.waitingSeconds - 0.05) < 1e-5, "\(outcome)")
        #expect(abs(outcome.loaderSeconds - 0.03) < 1e-9)
        #expect(abs(outcome.executorSeconds - 0.005) < 1e-9)
        #expect(outcome.loadedBytes == 3000)
        #expect(outcome.duration > 0.055 - 1e-5)
    }

    @Test func `an alarm that is moved comes once`() {
        // More than can be done, with deadlines that often move the alarm forward.
        let arrivals = (0..<2000).map { index in
            RollingArrival(time: Double(index) * 1e-3, model: 0, bytes: 100, timeout: 0.5 - Double(index % 90) * 5e-3)
        }
        let outcome = run(arrivals)
        #expect(outcome.sent == 2000)
        #expect(outcome.events < 8 * outcome.sent, "\(outcome.events)")
    }

    @Test func `what cannot be in time is refused, with the reason`() {
        let outcome = run([RollingArrival(time: 0, model: 0, bytes: 50_000, timeout: 0.04)])
        #expect(outcome.refusedTotal == 1 && outcome.ran == 0)
    }

    @Test func `an overhead is waited for twice, half before the batch and half after`() {
        let arrival = RollingArrival(time: 0, model: 0, bytes: 50_000, timeout: 0.1)
        #expect(run([arrival]).inTime == 1)
        let outcome = run([arrival]) { $0.overhead = 0.1 }
        #expect(outcome.late + outcome.failed == 1, "\(outcome)")
    }

    @Test func `a request that comes while a batch runs holds it up by what it takes of the processors`() {
        // The load is over at 1.03 and the batch at 1.035; the second request comes in between, the third after it.
        let arrivals = [1, 1.032, 1.2].map { RollingArrival(time: $0, model: 0, bytes: 0, timeout: 0.5) }
        let plain = run(arrivals)
        let held = run(arrivals) { $0.requestSeconds = 0.002 }
        #expect(plain.inTime == 3 && held.inTime == 3)
        #expect(abs(plain.executorSeconds - 0.015) < 1e-9, "\(plain)")
        #expect(abs(held.executorSeconds - 0.017) < 1e-9, "\(held)")
        // Nothing was under way when the first and the third came.
        #expect(abs(held.loaderSeconds - plain.loaderSeconds) < 1e-9)
    }

    @Test func `a request that comes while blocks are loaded holds the load up, and the batch that waits for it`() {
        let arrivals = [1, 1.01].map { RollingArrival(time: $0, model: 0, bytes: 0, timeout: 0.5) }
        let plain = run(arrivals)
        let held = run(arrivals) { $0.requestSeconds = 0.002 }
        #expect(abs(held.loaderSeconds - plain.loaderSeconds - 0.002) < 1e-9, "\(held)")
        #expect(abs(held.waitingSeconds - plain.waitingSeconds - 2 * 0.002) < 1e-6, "\(held)")
        #expect(held.executorSeconds == plain.executorSeconds)
    }

    @Test func `a deadline that is met without what requests take is missed with it`() {
        let arrivals = [1, 1.032].map { RollingArrival(time: $0, model: 0, bytes: 0, timeout: 0.09) }
        #expect(run(arrivals).inTime == 2)
        let held = run(arrivals) { $0.requestSeconds = 0.06 }
        #expect(held.late == 1, "\(held)")
    }

    @Test func `an order of loads takes what it takes beside its blocks, and is held up as they are`() {
        let arrival = RollingArrival(time: 0, model: 0, bytes: 0, timeout: 0.5)
        let outcome = run([arrival]) { $0.orderSeconds = 0.003 }
        #expect(abs(outcome.loaderSeconds - 0.033) < 1e-9, "\(outcome)")
        #expect(abs(outcome.waitingSeconds - 0.033) < 1e-6, "\(outcome)")
    }

    @Test func `uploads of a device that share its link take twice as long`() {
        let arrivals = (0..<2).map { _ in
            RollingArrival(time: 0, model: 0, bytes: 50_000, timeout: 0.5, linkRate: 8e6)
        }
        let alone = run(arrivals, uplink: .unpaced())
        let together = run(arrivals, uplink: .unpaced()) { $0.sharesDeviceLinks = true }
        #expect(alone.inTime == 2 && together.inTime == 2)
        #expect(abs(alone.meanWaiting.map { $0 - 0.05 } ?? 1) < 0.01, "\(alone)")
        #expect(abs(together.meanWaiting.map { $0 - 0.1 } ?? 1) < 0.01, "\(together)")
    }

    @Test func `a link that carries nothing for a while delays the upload by as much`() throws {
        let arrival = RollingArrival(time: 0, model: 0, bytes: 50_000, timeout: 0.5)
        let outcome = run([arrival]) {
            $0.linkChanges = [LinkChange(time: 0.01, factor: 0), LinkChange(time: 0.11, factor: 1)]
        }
        #expect(outcome.inTime == 1)
        #expect(abs(outcome.waitingSeconds - 0.15) < 1e-4, "\(outcome)")
        let never = run([arrival]) { $0.linkChanges = [LinkChange(time: 0.01, factor: 0)] }
        #expect(never.failed == 1 && never.inTime == 0, "\(never)")
    }

    @Test(arguments: [1, 2, 3])
    func `equal seeds give equal outcomes, and every request is counted once`(seed: UInt64) {
        var scenario = RollingScenario()
        scenario.workload.duration = 0.3
        scenario.workload.rate = 300
        scenario.jitter = 0.3
        scenario.linkChanges = [LinkChange(time: 0.2, factor: 0.1, devicesPart: 0.5)]
        let first = scenario.run(.greedy, seed: seed, costs: .stated)
        #expect(scenario.run(.greedy, seed: seed, costs: .stated) == first)
        #expect(scenario.run(.greedy, seed: seed + 10, costs: .stated) != first)
        #expect(first.sent == first.inTime + first.late + first.failed + first.refusedTotal, "\(first)")
        #expect(first.inTime > 0 && first.refusedTotal > 0)
    }

    @Test func `the deciders are the server's own types`() {
        let configuration = DispatcherConfiguration(memoryLimit: ByteCount(3000), uplink: .rate(BitsPerSecond(8e6)))
        let simulation = RollingSimulation(
            RollingServer(Self.server),
            RollingSettings(configuration, planner: .greedy),
            arrivals: []
        )
        #expect(type(of: simulation.dispatcher) == Dispatcher.self)
        let parts = Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: simulation.dispatcher).children.map { ($0.label ?? "", $0.value) }
        )
        #expect(parts["editor"] is PlanEditor)
        #expect(parts["costs"] is Dispatching.CostModel)
        #expect(type(of: simulation.dispatcher.editor.admission) == AdmissionController.self)
        #expect(type(of: simulation.dispatcher.costs.server) == EdgeServer.self)
        #expect(type(of: simulation.dispatcher.editor.trial) == ScheduleTimeline.self)
        #expect(RollingPlanner.greedy.scheduler is GreedyScheduler)
        #expect(RollingPlanner.search(seed: 1).scheduler is SearchScheduler)
    }

    @Test func `uploads get the shares of the bandwidth allocator`() {
        // Two uploads that both must be over by 0.1 s less their batch: the allocator splits the uplink in proportion.
        var dispatcher = Dispatcher(
            configuration: DispatcherConfiguration(memoryLimit: ByteCount(3000), uplink: .rate(BitsPerSecond(8e6))),
            catalog: RollingServer(Self.server).catalog
        )
        var actions: [DispatchAction] = []
        for (number, bytes) in [(UInt64(1), 10_000), (2, 20_000)] {
            let arrival = Arrival(
                id: RequestID(rawValue: number),
                model: ModelID(name: "m0", version: 1),
                bodyBytes: ByteCount(bytes),
                deadline: MonotonicInstant(nanoseconds: 100_000_000)
            )
            dispatcher.handle(.arrived(arrival), at: MonotonicInstant(nanoseconds: 0), into: &actions)
        }
        dispatcher.handle(.tick, at: MonotonicInstant(nanoseconds: 3_000_000), into: &actions)
        let shares = BandwidthAllocator.allocate(
            BandwidthProblem(
                capacity: Hertz(8e6),
                demands: [80_000.0, 160_000].map {
                    UploadDemand(bits: $0, efficiency: SpectralEfficiency(rawValue: 1), latestStart: 0.09)
                }
            )
        ).shares
        let granted = dispatcher.allocatedUplink?.rawValue ?? 0
        #expect(abs(granted - shares.reduce(0) { $0 + $1.rawValue }) < 0.05 * 8e6, "\(granted), \(shares)")
    }

    @Test func `events come in the order of their times, then of their sequence`() {
        let events = [(2.0, 1), (1.0, 4), (1.0, 2), (0.5, 3)].map {
            TimedEvent(time: $0.0, sequence: $0.1, kind: .report)
        }
        #expect(events.sorted().map(\.sequence) == [3, 2, 4, 1])
    }
}

struct MachineWorkTests {
    @Test func `work alone takes its time, and both slow each other down while they overlap`() {
        var work = MachineWork(contention: 1)
        #expect(work.next == nil)
        work.begin(.lane(0), seconds: 4, at: 10)
        #expect(work.next?.worker == .lane(0) && work.next?.time == 14)
        // Two of its seconds are left when the load begins; at half speed both are done after four.
        work.begin(.loader, seconds: 3, at: 12)
        #expect(work.next?.worker == .lane(0) && work.next?.time == 16)
        #expect(work.end(.lane(0), at: 16) == 6)
        // Two of the load's three seconds were done by then.
        #expect(work.next?.worker == .loader && work.next?.time == 17)
        #expect(work.end(.loader, at: 17) == 5)
        #expect(work.next == nil)
    }

    @Test func `what work loses beside the other may differ between the two`() {
        var work = MachineWork(contention: 0)
        work.begin(.lane(0), seconds: 2, besideSeconds: 6, at: 0)
        work.begin(.loader, seconds: 2, besideSeconds: 3, at: 0)
        #expect(work.end(.loader, at: 3) == 3)
        // A third of three seconds was done by then; the other one goes on alone.
        #expect(work.next?.worker == .lane(0) && work.next?.time == 4)
    }

    @Test func `lanes slow each other down by the part of them that is busy`() {
        var work = MachineWork(contention: 0, lanes: 3, laneSlowdown: 1)
        work.begin(.lane(0), seconds: 3, at: 0)
        // Half of the other lanes is busy: both take half as long again.
        work.begin(.lane(2), seconds: 1, at: 1)
        #expect(work.next?.worker == .lane(2) && work.next?.time == 2.5)
        #expect(work.end(.lane(2), at: 2.5) == 1.5)
        #expect(work.next?.worker == .lane(0) && work.next?.time == 3.5)
    }

    @Test func `what else takes the processors delays all that is under way by as long`() {
        var work = MachineWork(contention: 1)
        work.interrupt(for: 1, at: 0)
        #expect(work.next == nil)
        work.begin(.lane(0), seconds: 2, at: 1)
        work.begin(.loader, seconds: 2, at: 1)
        work.interrupt(for: 0.5, at: 2)
        #expect(work.end(.loader, at: 5.5) == 4.5)
        #expect(work.next?.time == 5.5)
    }
}
