import CONNXRuntime

/// The memory that one block's bytes are read to; it goes back to the system with this object.
///
/// `@unchecked Sendable` because it is filled before anybody else sees it, and only read afterwards.
final class BlockMemory: WeightMemory, @unchecked Sendable {
    /// Where it starts, aligned to a page.
    let room: UnsafeMutableRawPointer
    /// How many bytes it has.
    let count: Int

    /// Maps `count` bytes; nil where the system has none.
    init?(count: Int) {
        guard let room = CONNXRuntime_map(count) else { return nil }
        self.room = room
        self.count = count
    }

    deinit {
        CONNXRuntime_unmap(room, count)
    }

    var start: UnsafeRawPointer { UnsafeRawPointer(room) }
    var residentCount: Int { count }
    /// Nothing but this process can change it.
    var isSound: Bool { true }
}
