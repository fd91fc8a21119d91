import CONNXRuntime

/// A compiled copy, mapped to be read, whose first bytes are kept in memory; unmapped with this object.
///
/// `@unchecked Sendable` because the mapping never changes, and is only read.
final class CopyMapping: WeightMemory, @unchecked Sendable {
    let residentCount: Int
    private let mapping: CONNXRuntime_Mapping
    /// The copy's last word: it is gone where the file was made shorter, be it by a byte.
    private let lastWord: UInt64

    /// Maps the first `count` bytes, eight at least, of the file and locks the first `locked` of them.
    ///
    /// Throws what the system says: the process may not lock so much, or the file cannot be mapped.
    init(of descriptor: Int32, count: Int, locking locked: Int) throws(MappingFault) {
        var mapping = CONNXRuntime_Mapping()
        let failure = CONNXRuntime_mapFile(descriptor, count, locked, &mapping)
        guard failure == 0 else { throw MappingFault(errorNumber: failure) }
        self.mapping = mapping
        residentCount = locked
        lastWord = Self.lastWord(of: mapping)
    }

    deinit {
        CONNXRuntime_unmapFile(mapping)
    }

    // The system never gives a mapping without an address.
    var start: UnsafeRawPointer { mapping.start }

    var isSound: Bool { CONNXRuntime_isBroken(mapping) == 0 && Self.lastWord(of: mapping) == lastWord }

    /// Lets go of the graph, which lies behind the weights.
    func settle() { CONNXRuntime_dropBehind(mapping, residentCount) }

    private static func lastWord(of mapping: CONNXRuntime_Mapping) -> UInt64 {
        mapping.start.loadUnaligned(fromByteOffset: mapping.size - 8, as: UInt64.self)
    }
}

/// Why a file could not be mapped and locked.
struct MappingFault: Error, Hashable {
    /// The system's number of the error.
    var errorNumber: Int32
}
