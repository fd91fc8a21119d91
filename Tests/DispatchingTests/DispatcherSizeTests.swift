import Dispatching
import ServingCore
import Testing

/// Sizes that turn out to be others than was thought.
struct DispatcherSizeTests {
    private var bench = DispatcherBench()

    @Test mutating func `A model that turns out to need more memory than there is fails its requests at once`() throws {
        let order = try #require(bench.load(bench.arrive(1)))
        let result = LoadResult(
            order: order.id,
            blocks: [
                DispatcherBench.backbone.id: .loaded(.milliseconds(1), size: nil),
                DispatcherBench.catHead.id: .tooLarge(5),
            ]
        )
        let actions = bench.send(.loadFinished(result), after: .milliseconds(1))
        #expect(bench.failure(actions) == .memoryUnavailable)
        #expect(bench.rejection(bench.arrive(2))?.code == .memoryUnavailable)
    }

    @Test mutating func `A block that turns out to be larger, and fits all the same, is loaded again`() throws {
        let order = try #require(bench.load(bench.arrive(1)))
        let result = LoadResult(
            order: order.id,
            blocks: [
                DispatcherBench.backbone.id: .loaded(.milliseconds(1), size: nil),
                DispatcherBench.catHead.id: .tooLarge(2),
            ]
        )
        let actions = bench.send(.loadFinished(result), after: .milliseconds(1))
        #expect(bench.failure(actions) == nil)
        #expect(bench.load(actions)?.load.map(\.id) == [DispatcherBench.catHead.id])
    }
}
