import CONNXRuntime
import ServingCore

/// What a session takes in memory while nothing runs, by where it lies, in bytes.
struct SessionSize: Equatable {
    /// Weights that are used where we put them.
    var placed = 0
    /// What ONNX Runtime allocated through our allocator and kept: packed, folded and copied weights.
    var allocated = 0
    /// What it took from the heap past our allocator and kept: the graph, the attributes of its nodes (trees, vocabularies),
    /// and what its operators made of them.
    var heap = 0

    /// All together.
    var total: ByteCount { ByteCount(placed + allocated + heap) }

    /// Makes a session by `make`, and measures what this thread allocates meanwhile and keeps.
    ///
    /// What is only read to make the session has to be in memory before, or it counts.
    static func measure(
        _ make: () throws(ServingError) -> ORTSession
    ) throws(ServingError) -> (session: ORTSession, size: SessionSize) {
        CONNXRuntime_beginMetering()
        CONNXRuntime_beginHeapMetering()
        let made = Result { () throws(ServingError) in try make() }
        let heap = Int(CONNXRuntime_endHeapMetering())
        let allocated = max(Int(CONNXRuntime_endMetering()), 0)
        return (try made.get(), SessionSize(allocated: allocated, heap: heap))
    }
}

/// Gives heap memory back to the system where much of it was freed: the heap itself keeps most of it, which no account shows.
enum FreedHeap {
    /// From here on it is worth the search through the heap.
    private static let worthIt = 256 << 10

    /// To be called when about `bytes` of the heap were freed.
    static func trim(after bytes: Int) {
        if bytes >= worthIt { CONNXRuntime_trimFreed() }
    }
}
