import Dispatching
import Foundation
import ModelServing
import ServingCore
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// Models that come, change and break while requests are served.
@Suite(.timeLimit(.minutes(2))) struct CatalogReloadTests {
    private let store: FakeStore

    init() throws {
        store = try FakeStore()
        try store.add("cat", ["trunk", "cat-head"])
    }

    /// Waits until `holds`, for ten seconds at most.
    private func eventually(_ holds: () throws -> Bool) throws -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            if try holds() { return true }
            usleep(2000)
        }
        return try holds()
    }

    @Test func `a model that was imported meanwhile is served from its load on`() throws {
        let gateway = try InProcessGateway(store)
        #expect(try gateway.infer("cat").status == 200)
        try store.add("dog", ["trunk", "dog-head"])
        #expect(try gateway.infer("dog").status == 404)
        #expect(try gateway.load("dog").status == 200)
        #expect(try gateway.infer("dog").status == 200)
        #expect(try gateway.infer("cat").status == 200)
        #expect(try gateway.index() == ["cat:1": "READY", "dog:1": "READY"])
    }

    @Test func `while a collection holds the store all but loads is answered, and loads when it is over`() throws {
        let gateway = try InProcessGateway(store)
        let lock = try HeldLock(store)
        try store.add("dog", ["trunk", "dog-head"])
        let waiting = try (0..<3).map { _ in try gateway.send("POST", "/v2/repository/models/dog/load", body: "{}") }
        let start = ContinuousClock.now
        for _ in 0..<4 {
            #expect(try gateway.ask("GET", "/v2/health/ready").status == 200)
            #expect(try gateway.infer("cat").status == 200)
        }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try !waiting[0].hasInput(within: 0.05))
        lock.release()
        for socket in waiting { #expect(try socket.readResponse().status == 200) }
        #expect(try gateway.infer("dog").status == 200)
    }

    @Test func `a load that waits for a collection is answered at once when the gateway shuts down`() throws {
        let gateway = try InProcessGateway(store)
        let lock = try HeldLock(store)
        let waiting = try gateway.send("POST", "/v2/repository/models/cat/load", body: "{}")
        #expect(try !waiting.hasInput(within: 0.1))
        gateway.core.drain()
        let answer = try waiting.readResponse(within: 5)
        #expect(answer.status == 503 && answer.header("Retry-After") != nil, "\(answer.text)")
        #expect(!answer.text.contains(store.folder), "\(answer.text)")
        lock.release()
    }

    @Test func `an older reading of the store never takes the place of a newer one`() throws {
        let gateway = try InProcessGateway(store)
        let models = gateway.core.models
        let old = models.generation
        try store.add("dog", ["trunk", "dog-head"])
        #expect(try gateway.load("dog").status == 200)
        let new = models.generation
        #expect(new.id > old.id)
        models.publish(old)
        #expect(models.generation.id == new.id)
        #expect(models.catalog.generation == new.id)
        #expect(try gateway.infer("dog").status == 200)
    }

    @Test(arguments: [SchedulingPolicy.partial, .whole, .lru])
    func `what was admitted runs in the form it was admitted for, though its model is cut anew`(
        policy: SchedulingPolicy
    ) throws {
        let engine = FaultyEngine()
        let gateway = try InProcessGateway(store, engine: engine) { $0.scheduling.policy = policy }
        engine.close()
        let waiting = try (0..<6).map { _ in try gateway.sendInference(to: "cat") }
        #expect(try eventually { gateway.core.loop.read { $0.queuedRequestCount } == 6 })
        let before = try #require(gateway.core.catalog[ModelID(name: "cat", version: 1)])
        try store.add("dog", ["trunk", "dog-head"])
        let load = try gateway.send("POST", "/v2/repository/models/dog/load", body: "{}")
        #expect(try eventually { gateway.core.catalog.generation == 2 })
        #expect(gateway.core.catalog[before.model.id]?.form != before.form, "the one unit must have come apart")
        let later = try gateway.sendInference(to: "cat")
        engine.open()
        for socket in waiting + [later] {
            let answer = try socket.readResponse(within: 20)
            #expect(answer.status == 200, "\(answer.text)")
        }
        #expect(try load.readResponse(within: 20).status == 200)
    }

    /// The dispatcher has the newer reading, heads do not see it yet: what a head found and what is decided differ.
    @Test(arguments: [SchedulingPolicy.partial, .whole, .lru])
    func `a request that comes in the middle of a change is served in the form that was decided on`(
        policy: SchedulingPolicy
    ) throws {
        let gateway = try InProcessGateway(store) { $0.scheduling.policy = policy }
        #expect(try gateway.infer("cat").status == 200)
        try store.add("dog", ["trunk", "dog-head"])
        let next = try gateway.core.reader.next(after: gateway.core.models.generation)
        _ = gateway.core.loop.publish(next)
        let answer = try gateway.infer("cat")
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func `twenty threads that import, load and ask at once are all answered, and generations only grow`() throws {
        let gateway = try InProcessGateway(store)
        let store = store
        let failures = Mutex<[String]>([])
        let isOver = Atomic(false)
        let watcher = Thread {
            var last: UInt64 = 0
            while !isOver.load(ordering: .relaxed) {
                let now = gateway.core.catalog.generation
                if now < last { failures.withLock { $0.append("generation \(now) after \(last)") } }
                last = now
                usleep(200)
            }
        }
        watcher.start()
        let group = DispatchGroup()
        let clients = (0..<20).map { number in
            group.enter()
            return Thread {
                defer { group.leave() }
                do {
                    for round in 0..<3 {
                        let name = "m\(number)-\(round)"
                        try store.add(name, ["trunk", "head-\(number % 7)", name])
                        for (what, answer) in [
                            ("load", try gateway.load(name)), ("infer", try gateway.infer(name)),
                            ("cat", try gateway.infer("cat")),
                        ] where answer.status != 200 {
                            failures.withLock { $0.append("\(what) \(name): \(answer.status) \(answer.text)") }
                        }
                    }
                } catch {
                    failures.withLock { $0.append("\(number): \(error)") }
                }
            }
        }
        for client in clients { client.start() }
        #expect(group.wait(timeout: .now() + 100) == .success)
        isOver.store(true, ordering: .relaxed)
        #expect(failures.withLock { $0 } == [])
        #expect(gateway.core.catalog.models.count == 61)
    }

    @Test func `a model whose manifest cannot be read at a load stays served as it was, and the index tells`() throws {
        let gateway = try InProcessGateway(store)
        try store.add("dog", ["trunk", "dog-head"])
        try store.overwrite(store.manifest("cat"), with: "{}")
        #expect(try gateway.load("dog").status == 200)
        #expect(try gateway.infer("cat").status == 200)
        let told = try #require(try gateway.index()["cat:1"])
        #expect(told.hasPrefix("READY: ") && !told.contains(store.folder), "\(told)")
        try store.add("cat", ["trunk", "cat-head"])
        #expect(try gateway.load("dog").status == 200)
        #expect(try gateway.index()["cat:1"] == "READY")
    }

    @Test func `a store whose models are gone loses none that are served`() throws {
        let gateway = try InProcessGateway(store)
        try FileManager.default.moveItem(atPath: store.folder + "/models", toPath: store.folder + "/elsewhere")
        let answer = try gateway.load("cat")
        #expect(answer.status == 503 && !answer.text.contains(store.folder), "\(answer.text)")
        #expect(try gateway.infer("cat").status == 200)
        try FileManager.default.moveItem(atPath: store.folder + "/elsewhere", toPath: store.folder + "/models")
        #expect(try gateway.load("cat").status == 200)
    }

    @Test(arguments: [SchedulingPolicy.partial, .whole])
    func `what is remembered of models that are gone goes with them`(policy: SchedulingPolicy) throws {
        let gateway = try InProcessGateway(store) { $0.scheduling.policy = policy }
        for round in 0..<12 {
            let name = "guest\(round)"
            try store.add(name, ["trunk", name, "\(name)-tail"])
            #expect(try gateway.load(name).status == 200)
            #expect(try gateway.infer(name).status == 200)
            #expect(try gateway.ask("POST", "/v2/repository/models/\(name)/unload").status == 200)
            try FileManager.default.removeItem(atPath: store.manifest(name))
        }
        #expect(try gateway.load("cat").status == 200)
        #expect(try eventually { gateway.core.blocks.ledger.entries.count <= 6 })
        try store.add("last", ["last"])
        #expect(try gateway.load("last").status == 200)
        #expect(gateway.core.units.knownCount <= 6, "\(gateway.core.units.knownCount)")
        #expect(gateway.core.blocks.ledger.loadsByBlock.count <= 6)
    }

    @Test func `loads that come while the store is read share the next reading`() {
        let gate = Gate()
        let reads = Mutex(0)
        let answers = Mutex(0)
        let thread = CatalogThread()
        thread.start {
            reads.withLock { $0 += 1 }
            gate.pass()
            return nil
        }
        gate.set(isOpen: false)
        let answered = DispatchSemaphore(value: 0)
        let ask = {
            thread.reload { _ in
                answers.withLock { $0 += 1 }
                answered.signal()
            }
        }
        ask()
        while reads.withLock({ $0 }) == 0 { usleep(100) }
        for _ in 0..<10 { ask() }
        gate.set(isOpen: true)
        for _ in 0..<11 { #expect(answered.wait(timeout: .now() + 10) == .success) }
        #expect(reads.withLock { $0 } == 2)
        thread.stop()
    }
}
