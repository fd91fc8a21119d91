import AdmissionControl
import LoadScheduling
import ServingCore
import TestSupport
import Testing

/// The deadline a refusal names, asked for again.
struct EarliestDeadlineTests {
    /// A controller with a plan it has made itself.
    private struct Asker {
        var controller = AdmissionController(maximumQueuedRequests: 1000)
        var plan: [BatchOutline] = []
        var server: EdgeServer
        let state = ServerState()

        /// Twelve models in families of three, of one shared and two own blocks each.
        init(memory: Int, uplink: Double, _ reuse: EdgeServer.Reuse, overlap: Bool) {
            let blocks = (0..<28).map { EdgeServer.Block(bytes: 10, loadSeconds: 0.005 + 0.001 * Double($0 % 5)) }
            let models = (0..<12).map { model in
                EdgeServer.Model(
                    blocks: [24 + model / 3, 2 * model, 2 * model + 1],
                    baseSeconds: 0.002,
                    itemSeconds: 0.001 + 0.0001 * Double(model),
                    maximumBatchSize: 4
                )
            }
            server = EdgeServer(
                blocks: blocks,
                models: models,
                memoryBytes: memory,
                uplink: Hertz(uplink),
                reuse: reuse,
                overlap: overlap
            )
        }

        mutating func ask(_ question: AdmissionQuestion) -> AdmissionVerdict {
            controller.decide(question, plan: &plan, on: server, from: state)
        }

        /// Whether the same would be admitted with another deadline; the plan stays.
        mutating func wouldAdmit(_ question: AdmissionQuestion, dueBy deadline: Double) -> Bool {
            let kept = plan
            defer { plan = kept }
            var question = question
            question.deadline = deadline
            if case .admit = ask(question) { return true }
            return false
        }
    }

    private static let modes: [(EdgeServer.Reuse, Bool)] = [
        (.consecutive, false), (.consecutive, true), (.retained, false), (.retained, true),
    ]

    private func question(_ random: inout SeededGenerator, work: ClosedRange<Double>?) -> AdmissionQuestion {
        AdmissionQuestion(
            model: .random(in: 0..<12, using: &random),
            deadline: .random(in: 0.005...0.6, using: &random),
            uplinkWork: work.map { .random(in: $0, using: &random) } ?? 0
        )
    }

    @Test(arguments: UInt64(0)..<60)
    func `asking again with the deadline a refusal names is admitted, and somewhat earlier is not`(seed: UInt64) throws
    {
        for (reuse, overlap) in Self.modes {
            var random = SeededGenerator(seed: seed)
            let isPaced = seed % 2 == 1
            var asker = Asker(
                memory: [30, 50, 90, 1000].randomElement(using: &random) ?? 30,
                uplink: isPaced ? 1000 : .infinity,
                reuse,
                overlap: overlap
            )
            let isThorough = seed % 3 != 0
            if isThorough { asker.controller.maximumLaterPlaces = .max }
            if seed % 4 == 1 { asker.server.shares = .varying }
            var refusals = 0
            for _ in 0..<60 {
                let question = question(&random, work: isPaced ? 1...15 : nil)
                guard case .reject(let error) = asker.ask(question) else { continue }
                let note: Comment = "seed \(seed), \(reuse), overlap \(overlap): \(error.message)"
                let earliest = try #require(error.earliestDeadline, note).inSeconds
                refusals += 1
                #expect(earliest > question.deadline, note)
                let isAdmitted = asker.wouldAdmit(question, dueBy: earliest)
                #expect(isAdmitted, note)
                // Found to a hundredth where uploads are paced; to the microsecond that is added in rounding where not.
                let sooner = isPaced ? earliest * 0.97 : earliest - 3e-6
                guard isThorough, sooner > question.deadline else { continue }
                let isAdmittedSooner = asker.wouldAdmit(question, dueBy: sooner)
                #expect(!isAdmittedSooner, note)
            }
            #expect(refusals > 0 || isPaced)
        }
    }

    @Test func `it is counted from now, with the slack added again`() throws {
        var asker = Asker(memory: 1000, uplink: .infinity, .retained, overlap: true)
        asker.server.models[0] = EdgeServer.Model(blocks: [0], baseSeconds: 0.01, itemSeconds: 0.01)
        guard case .reject(let error) = asker.ask(AdmissionQuestion(model: 0, deadline: 0.001, slack: 0.5)) else {
            throw ServingError(.internalError, "admitted")
        }
        #expect(error.deadline == .milliseconds(501))
        #expect(abs((error.earliestDeadline?.inMilliseconds ?? 0) - 525.001) < 1e-6)
        #expect(error.message.contains("525.1 ms would do"))
    }

    @Test func `an uplink that is promised away for good names none`() throws {
        var asker = Asker(memory: 1000, uplink: 100, .retained, overlap: true)
        _ = asker.ask(AdmissionQuestion(model: 0, deadline: 4000, uplinkWork: 390_000))
        guard case .reject(let error) = asker.ask(AdmissionQuestion(model: 1, deadline: 3000, uplinkWork: 200_000))
        else { throw ServingError(.internalError, "admitted") }
        #expect(error.code == .uplinkUnavailable)
        #expect(error.earliestDeadline == nil)
    }

    @Test func `an admission says how much later the plan ends and how much more it loads`() throws {
        var asker = Asker(memory: 1000, uplink: .infinity, .retained, overlap: false)
        func admission(_ verdict: AdmissionVerdict) throws -> Admission {
            guard case .admit(let admission) = verdict else { throw ServingError(.internalError, "refused") }
            return admission
        }
        let first = try admission(asker.ask(AdmissionQuestion(model: 0, deadline: 1)))
        #expect(first.addedBytes == 30)
        #expect(abs(first.addedSeconds - (0.009 + 0.005 + 0.006 + 0.003)) < 1e-9)
        let joined = try admission(asker.ask(AdmissionQuestion(model: 0, deadline: 1)))
        #expect(joined.addedBytes == 0)
        #expect(abs(joined.addedSeconds - 0.001) < 1e-9)
        let shares = try admission(asker.ask(AdmissionQuestion(model: 1, deadline: 1)))
        #expect(shares.addedBytes == 20)
    }
}
