import LoadScheduling
import ServingCore
import TestSupport
import Testing

/// The timeline against the literal one, and what is kept of it against what is computed from scratch.
struct ScheduleTimelinePropertyTests {
    /// A random list of batches for a server that is in the middle of something.
    private struct Case {
        var server: EdgeServer
        var state: ServerState
        var batches: [BatchOutline]
        var isPaced = false

        init(_ reuse: EdgeServer.Reuse, overlap: Bool, seed: UInt64, random: inout SeededGenerator) {
            var shape = ProblemMaker.Shape(requests: 30, families: 3, variants: 3, reuse: reuse, overlap: overlap)
            shape.memoryFactor = [1, 1.15, 1.5, 2.5, 20].randomElement(using: &random) ?? 1
            shape.uplinkFactor = [0.3, 0.6, 2].randomElement(using: &random) ?? 1
            let problem = ProblemMaker.problem(shape, seed: seed)
            server = problem.server
            if seed % 4 == 0 { server = Self.alternating(reuse, overlap: overlap) }
            isPaced = Bool.random(using: &random)
            batches = []
            state = ServerState()
            if overlap { server.lanes = [1, 1, 2, 5].randomElement(using: &random) ?? 1 }
            server.laneSlowdown = [0, 0.8].randomElement(using: &random) ?? 0
            state.lanes.resize(to: server.lanes)
            for lane in 0..<server.lanes { state.lanes[lane] = .random(in: 0...0.05, using: &random) }
            let running = server.models[.random(in: 0..<server.models.count, using: &random)]
            if Bool.random(using: &random) { state.executing = running.blockSet }
            state.resident = running.blockSet
            if overlap, Bool.random(using: &random) {
                state.loaderFree = .random(in: 0...0.05, using: &random)
                state.loading = BlockSet(running.blocks.suffix(1))
                state.executing = BlockSet()
            }
            if seed % 5 == 0 { state.pinned = BlockSet(running.blocks.prefix(1)) }
            for _ in 0..<Int.random(in: 1...25, using: &random) { batches.append(newBatch(&random)) }
        }

        /// Two models that share nothing and do not fit together.
        static func alternating(_ reuse: EdgeServer.Reuse, overlap: Bool) -> EdgeServer {
            let blocks = [0.01, 0.02].map { EdgeServer.Block(bytes: 10, loadSeconds: $0) }
            let models = [[0], [1]].map { EdgeServer.Model(blocks: $0, baseSeconds: 0.001, itemSeconds: 0.001) }
            return EdgeServer(blocks: blocks, models: models, memoryBytes: 10, reuse: reuse, overlap: overlap)
        }

        func newBatch(_ random: inout SeededGenerator) -> BatchOutline {
            BatchOutline(
                model: .random(in: 0..<server.models.count, using: &random),
                count: .random(in: 1...4, using: &random),
                deadline: .random(in: 0.03...0.6, using: &random),
                uploadEnd: Bool.random(using: &random) ? .random(in: 0...0.2, using: &random) : -.infinity,
                uplinkWork: isPaced ? .random(in: 1e4...4e5, using: &random) : 0,
                leastWindow: isPaced ? .random(in: 0...0.1, using: &random) : 0
            )
        }

        /// Another number of requests, deadline or upload of some batch; the loads may still be the same.
        mutating func nudge(_ random: inout SeededGenerator) {
            let index = Int.random(in: batches.indices, using: &random)
            batches[index].count += 1
            batches[index].deadline *= .random(in: 0.9...1.1, using: &random)
            if batches[index].uplinkWork > 0 { batches[index].uplinkWork *= 1.1 }
            state.now += .random(in: 0...0.01, using: &random)
        }
    }

    private func isClose(_ left: [Double], _ right: [Double]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test(arguments: UInt64(0)..<300)
    func `every mode agrees with the literal timeline, block by block`(seed: UInt64) {
        var timeline = ScheduleTimeline(recordsBlocks: true)
        for (reuse, overlap) in ProblemMaker.modes {
            var random = SeededGenerator(seed: seed)
            var instance = Case(reuse, overlap: overlap, seed: seed, random: &random)
            for index in instance.batches.indices { instance.batches[index].uplinkWork = 0 }
            timeline.compute(instance.batches, on: instance.server, from: instance.state)
            let literal = ReferenceTimeline(instance.batches, on: instance.server, from: instance.state)
            let note: Comment = "seed \(seed), \(reuse), overlap \(overlap)"
            #expect(timeline.exceedsMemory == literal.exceedsMemory, note)
            #expect(isClose(timeline.entries.map(\.loadSeconds), literal.loadSeconds), note)
            #expect(isClose(timeline.entries.map(\.start), literal.starts), note)
            #expect(isClose(timeline.entries.map(\.finish), literal.finishes), note)
            #expect(timeline.loadedBlocks == literal.loaded, note)
            #expect(timeline.evictedBlocks == literal.evicted, note)
        }
    }

    @Test(arguments: UInt64(0)..<300)
    func `what is computed on what is kept is what is computed from scratch`(seed: UInt64) {
        for (reuse, overlap) in ProblemMaker.modes {
            var random = SeededGenerator(seed: seed)
            var instance = Case(reuse, overlap: overlap, seed: seed, random: &random)
            var kept = ScheduleTimeline()
            var other = ScheduleTimeline()
            kept.compute(instance.batches, on: instance.server, from: instance.state)
            for _ in 0..<8 {
                instance.nudge(&random)
                other.compute(instance.batches, after: kept, on: instance.server, from: instance.state)
                kept.recompute(instance.batches, on: instance.server, from: instance.state)
                var scratch = ScheduleTimeline()
                scratch.compute(instance.batches, on: instance.server, from: instance.state)
                let note: Comment = "seed \(seed), \(reuse), overlap \(overlap)"
                expect(kept, equals: scratch, note)
                #expect(other.entries == scratch.entries, note)
            }
        }
    }
}

extension ScheduleTimelinePropertyTests {
    @Test(arguments: UInt64(0)..<400)
    func `batches put in one after the other give what is computed from scratch`(seed: UInt64) {
        for (reuse, overlap) in ProblemMaker.modes {
            var random = SeededGenerator(seed: seed)
            var instance = Case(reuse, overlap: overlap, seed: seed, random: &random)
            var kept = ScheduleTimeline()
            var trial = ScheduleTimeline()
            if seed % 7 == 0 { instance.batches.removeAll() }
            kept.compute(instance.batches, on: instance.server, from: instance.state)
            kept.settle()
            for round in 0..<12 {
                let index =
                    round % 3 == 0 ? instance.batches.count : .random(in: 0...instance.batches.count, using: &random)
                var batches = instance.batches
                batches.insert(instance.newBatch(&random), at: index)
                trial.compute(batches, after: kept, inserting: index, on: instance.server, from: instance.state)
                var scratch = ScheduleTimeline()
                scratch.compute(batches, on: instance.server, from: instance.state)
                let note: Comment = "seed \(seed), \(reuse), overlap \(overlap), round \(round), at \(index)"
                #expect(trial.entries == scratch.entries, note)
                #expect(trial.lateRequests == scratch.lateRequests, note)
                #expect(trial.leastShareTotal == scratch.leastShareTotal, note)
                #expect(trial.exceedsMemory == scratch.exceedsMemory, note)
                batches[index].deadline *= 1.5
                trial.recompute(batches, on: instance.server, from: instance.state)
                scratch.compute(batches, on: instance.server, from: instance.state)
                #expect(trial.entries == scratch.entries, note)
                guard round % 2 == 0 else { continue }
                instance.batches = batches
                swap(&kept, &trial)
                kept.settle()
            }
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `delays left out and caught up on, and other deadlines, give what is computed from scratch`(seed: UInt64) {
        for (reuse, overlap) in ProblemMaker.modes {
            var random = SeededGenerator(seed: seed)
            var instance = Case(reuse, overlap: overlap, seed: 2 * seed, random: &random)
            var kept = ScheduleTimeline()
            var trial = ScheduleTimeline()
            kept.compute(instance.batches, on: instance.server, from: instance.state)
            for round in 0..<6 {
                let index = Int.random(in: 0...instance.batches.count, using: &random)
                instance.batches.insert(instance.newBatch(&random), at: index)
                let delays: [ScheduleTimeline.Delays] = [.never, .ifUplinkSuffices, .always]
                trial.compute(
                    instance.batches,
                    after: kept,
                    inserting: index,
                    on: instance.server,
                    from: instance.state,
                    delays: delays[round % 3]
                )
                for step in 0..<4 {
                    instance.batches[index].deadline *= .random(in: 0.8...1.3, using: &random)
                    let isLast = step == 3
                    trial.reconsider(
                        instance.batches,
                        on: instance.server,
                        from: instance.state,
                        delays: isLast ? .always : delays[(round + step) % 3]
                    )
                    guard isLast || trial.uplinkSuffices && (round + step) % 3 > 0 else { continue }
                    var scratch = ScheduleTimeline()
                    scratch.compute(instance.batches, on: instance.server, from: instance.state)
                    let note: Comment = "seed \(seed), \(reuse), overlap \(overlap), round \(round), step \(step)"
                    #expect(trial.entries == scratch.entries, note)
                    #expect(trial.lateRequests == scratch.lateRequests, note)
                    #expect(trial.leastShareTotal == scratch.leastShareTotal, note)
                    #expect(trial.exceedsMemory == scratch.exceedsMemory, note)
                    #expect(trial.end == scratch.end, note)
                }
                swap(&kept, &trial)
                kept.settle()
            }
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `a timeline computed again and again for other plans, states and servers forgets nothing it must not keep`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        var kept = ScheduleTimeline()
        var (reuse, overlap) = ProblemMaker.modes[0]
        var instance = Case(reuse, overlap: overlap, seed: seed, random: &random)
        for round in 0..<40 {
            let model = Int.random(in: 0..<instance.server.models.count, using: &random)
            let block = Int.random(in: 0..<instance.server.blocks.count, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                (reuse, overlap) = ProblemMaker.modes.randomElement(using: &random) ?? (reuse, overlap)
                instance.server.reuse = reuse
                instance.server.overlap = overlap
            case 1: instance.server.memoryBytes += instance.server.memoryBytes / 10
            case 2: instance.server.blocks[block].loadSeconds *= 1.5
            case 3: instance.server.models[model].itemSeconds *= 1.1
            case 4: instance.state.resident = instance.server.models[model].blockSet
            case 5: instance.state.executing = instance.server.models[model].blockSet
            case 6: instance.state.resident.insert(block)
            case 7: instance.batches.append(instance.newBatch(&random))
            case 8: if instance.batches.count > 1 { instance.batches.removeFirst() }
            case 9: instance.batches.swapAt(0, instance.batches.count - 1)
            case 10: instance.server.uplink = Hertz(instance.server.uplink.rawValue * 0.9)
            default: instance.nudge(&random)
            }
            kept.compute(instance.batches, on: instance.server, from: instance.state)
            var scratch = ScheduleTimeline()
            scratch.compute(instance.batches, on: instance.server, from: instance.state)
            let note: Comment = "seed \(seed), round \(round)"
            expect(kept, equals: scratch, note)
        }
    }
}

private func expect(_ kept: ScheduleTimeline, equals scratch: ScheduleTimeline, _ note: Comment) {
    #expect(kept.entries == scratch.entries, note)
    #expect(kept.lateRequests == scratch.lateRequests, note)
    #expect(kept.leastShareTotal == scratch.leastShareTotal, note)
    #expect(kept.exceedsMemory == scratch.exceedsMemory, note)
}
