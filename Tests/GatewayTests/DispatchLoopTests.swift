import Dispatching
import Logging
import ModelServing
import ServingCore
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// The dispatcher in its shell, with a real loader and an engine that is none; loads are carried out on the calling thread.
struct DispatchLoopTests {
    private final class Effects: DispatchEffects {
        let loader = Mutex<BlockLoader?>(nil)
        let answers = Mutex<[String]>([])

        func perform(_ effect: DispatchEffect) {
            switch effect {
            // Decides again while this is carried out, which would wait for ever if anything were locked.
            case .load(let order): loader.withLock { $0 }?.carryOut(order)
            case .pinned(let model, let error):
                answers.withLock { $0.append("\(model.name) \(error?.code.rawValue ?? "pinned")") }
            case .unpinned(let model): answers.withLock { $0.append("\(model.name) unpinned") }
            default: break
            }
        }
    }

    private static let cat = ServableModel.chain("cat", blocks: [.named("a", bytes: 40), .named("b", bytes: 50)])
    private static let dog = ServableModel.chain("dog", blocks: [.named("c", bytes: 60)])

    private let blocks: ResidentBlocks
    private let loop: DispatchLoop
    private let effects = Effects()

    init() {
        let plans = (Self.cat.blocks + Self.dog.blocks).map { ($0.id, FakeEngine.Plan(size: $0.size)) }
        let engine = FakeEngine(Dictionary(uniqueKeysWithValues: plans))
        blocks = ResidentBlocks(limit: 100, engine: engine) { id in "store/\(id)" }
        let clock = TickingClock(step: .milliseconds(1))
        let dispatcher = Dispatcher(
            configuration: DispatcherConfiguration(memoryLimit: 100),
            catalog: DispatchCatalog([Self.cat, Self.dog])
        )
        loop = DispatchLoop(dispatcher: dispatcher, effects: effects) { clock.now() }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let loader = BlockLoader(
            loader: ModelLoader(blocks: blocks) { clock.now() },
            loop: loop,
            models: ModelRegistry(limit: 100, logger: logger) { clock.now() },
            repeatedLog: RepeatedLog(logger)
        )
        effects.loader.withLock { $0 = loader }
    }

    private var answers: [String] { effects.answers.withLock { $0 } }
    private var believed: ByteCount { loop.read { $0.residentBytes } }

    @Test func `what is decided is carried out unlocked, and what comes of it is decided on`() {
        loop.handle(.pin(Self.cat.id))
        #expect(answers == ["cat pinned"])
        #expect(believed == 90 && blocks.ledger.used == 90)
        loop.handle(.unpin(Self.cat.id))
        #expect(answers == ["cat pinned", "cat unpinned"])
        #expect(believed == 0 && blocks.ledger.used == 0)
    }

    @Test func `a block that could not be evicted stays in both accounts, and goes when it can`() throws {
        loop.handle(.pin(Self.cat.id))
        let stray = try blocks.pin(Self.cat)
        loop.handle(.unpin(Self.cat.id))
        #expect(believed == 90 && blocks.ledger.used == 90)
        stray.release()
        loop.handle(.pin(Self.dog.id))
        #expect(answers.last == "dog pinned")
        #expect(believed == blocks.ledger.used)
        #expect(blocks.isResident(Self.dog.blocks[0].id))
    }

    @Test func `a pin that fails because room could not be made says why, and the accounts agree`() throws {
        loop.handle(.pin(Self.cat.id))
        let stray = try blocks.pin(Self.cat)
        loop.handle(.unpin(Self.cat.id))
        loop.handle(.pin(Self.dog.id))
        #expect(answers.last == "dog \(ServingError.Code.memoryUnavailable.rawValue)")
        #expect(believed == blocks.ledger.used)
        stray.release()
        loop.handle(.pin(Self.dog.id))
        #expect(answers.last == "dog pinned")
    }
}
