import ServingCore
import Synchronization
import TestSupport
import Testing

@testable import HTTPTransport

/// Many suspensions and resumes at once, with answers, aborts and clients that leave in between.
struct SuspensionStormTests {
    /// What becomes of one upload.
    private enum Fate: CaseIterable {
        case finishes, isAnsweredEarly, isAborted, leaves, resets, waits
    }

    private struct Client {
        var fate: Fate
        var socket: RawSocket?
    }

    @Test(arguments: 1...3)
    func `No upload stalls and every exchange ends once`(seed: UInt64) throws {
        let live = try LiveServer(rate: BitsPerSecond(4e6)) { $0.threadCount = 3 }
        var random = SeededRandom(seed: seed)
        var clients = try (0..<120).map { _ in
            Client(fate: Fate.allCases.randomElement(using: &random) ?? .finishes, socket: try live.connect())
        }
        for client in clients {
            let path = client.fate == .waits ? "/never" : client.fate == .finishes ? "/paced" : "/upload"
            try client.socket?.send("POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: 60000\r\n\r\n")
        }
        try #require(live.eventually { live.handler.heads == 120 })
        for exchange in live.handler.waiting { exchange.setUploadRate(BitsPerSecond(2e6)) }
        for client in clients { try client.socket?.send([UInt8](repeating: 1, count: 50_000)) }

        let waitCount = clients.count { $0.fate == .waits }
        for index in clients.indices {
            try clients[index].socket.map { try $0.send([UInt8](repeating: 1, count: 10_000)) }
            switch clients[index].fate {
            case .leaves: clients[index].socket = nil
            case .resets:
                clients[index].socket?.resetOnClose()
                clients[index].socket = nil
            default: break
            }
        }
        try #require(live.eventually { live.handler.bodies.count >= waitCount })
        for exchange in live.handler.waiting {
            switch random.next() % 3 {
            case 0: exchange.answer { EchoHandler.text(504, "early") }
            case 1: exchange.abort()
            default: exchange.answer { EchoHandler.text(200, "60000") }
            }
        }
        for client in clients where client.fate == .finishes {
            #expect(try client.socket?.readResponse(within: 5).text == "60000")
        }
        #expect(live.eventually { live.server.activeExchangeCount == 0 })
        #expect(live.handler.ends.count == 120)
        clients.removeAll()
        #expect(live.eventually { live.server.openConnectionCount == 0 })
    }
}

/// A small seeded generator (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
