import Foundation
import Logging
import Testing

@testable import Gateway

struct LogWriterTests {
    /// The ends of a new pipe.
    private func pipe() throws -> (reading: Int32, writing: Int32) {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(Foundation.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func text(from descriptor: Int32) -> String {
        String(decoding: FileHandle(fileDescriptor: descriptor).readDataToEndOfFile(), as: UTF8.self)
    }

    @Test func `Lines are written in order`() throws {
        let ends = try pipe()
        let writer = LogWriter(descriptor: ends.writing)
        for number in 0..<100 { writer.write("line \(number)") }
        writer.flush(atMost: 60)
        close(ends.writing)
        #expect(text(from: ends.reading) == (0..<100).map { "line \($0)\n" }.joined())
        #expect(writer.lostLines == 0)
    }

    @Test func `A reader that does not read holds nobody up, and lines beyond the room are counted`() throws {
        let ends = try pipe()
        let writer = LogWriter(descriptor: ends.writing, capacity: 10_000)
        let line = String(repeating: "x", count: 99)
        for _ in 0..<10_000 { writer.write(line) }
        let lost = writer.lostLines
        // The pipe holds 64 KiB, the writer 10,000 bytes twice.
        #expect(lost > 9000)
        let reader = Thread { _ = self.text(from: ends.reading) }
        reader.start()
        writer.flush(atMost: 60)
        writer.write("the end")
        writer.flush(atMost: 60)
        #expect(writer.lostLines == lost)
        close(ends.writing)
    }

    @Test func `What the reader missed is told when it reads again`() throws {
        let ends = try pipe()
        let writer = LogWriter(descriptor: ends.writing, capacity: 100)
        writer.write(String(repeating: "x", count: 200))
        writer.write("short")
        writer.flush(atMost: 60)
        close(ends.writing)
        #expect(text(from: ends.reading) == "short\ngateway: 1 log lines before this one were lost\n")
    }

    @Test func `A reader that is gone, a full disk and a closed descriptor cost lines, no more`() throws {
        let ends = try pipe()
        close(ends.reading)
        let full = open("/dev/full", O_WRONLY)
        for descriptor in [ends.writing, full, -1] {
            let writer = LogWriter(descriptor: descriptor)
            for _ in 0..<10 { writer.write("line") }
            writer.flush(atMost: 60)
            #expect(writer.lostLines == 10)
        }
        close(full)
        close(ends.writing)
    }

    @Test func `An event is one line, whatever its values hold`() throws {
        let ends = try pipe()
        let writer = LogWriter(descriptor: ends.writing)
        let logger = Logger(label: "gateway") { LineLogHandler(label: $0, writer: writer) }
        logger.warning("it failed", metadata: ["model": "a\nb", "bytes": "1"])
        logger.debug("not written")
        writer.flush(atMost: 60)
        close(ends.writing)
        let line = text(from: ends.reading)
        #expect(line.hasSuffix(" warning gateway: bytes=1 model=a\\u{a}b [GatewayTests] it failed\n"))
        #expect(line.filter { $0 == "\n" }.count == 1)
    }
}
