import Synchronization
import Testing

@testable import Gateway

struct BlockingWorkTests {
    private struct Failure: Error {}

    @Test func `The result or the error of the work is the result or the error`() async throws {
        #expect(try await BlockingWork.run { _ in 7 } == 7)
        await #expect(throws: Failure.self) { try await BlockingWork.run { _ in throw Failure() } }
    }

    @Test func `A task that is cancelled does not wait for the work, which learns of it`() async throws {
        let (learned, note) = AsyncStream<Void>.makeStream()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await BlockingWork.run { isAbandoned in
                begin.finish()
                while !isAbandoned() {}
                note.finish()
            }
        }
        for await _ in begun {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        for await _ in learned {}
    }
}
