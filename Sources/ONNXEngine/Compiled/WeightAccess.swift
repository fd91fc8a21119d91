import CONNXRuntime
import ModelServing
import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// How weights of compiled copies get into memory: mapped where they lie, or, where the process may not do that, copied.
final class WeightAccess: Sendable {
    /// What was hashed since the start.
    let known = KnownCopies()
    private let maps: Bool
    /// Why the last copy's weights were not mapped: an error number of the system, ``remote``, or 0 where they were.
    private let lastFault = Atomic<Int32>(0)
    private static let remote: Int32 = -1

    /// Maps where it can, unless `maps` is false.
    init(maps: Bool) {
        self.maps = maps
        if maps { CONNXRuntime_raiseLockLimit() }
    }

    /// Why the last weights were copied; nil where they were mapped.
    var problem: String? {
        guard maps else { return "engine.weights is copy" }
        switch lastFault.load(ordering: .relaxed) {
        case 0: return nil
        case Self.remote: return "the store lies on a network file system"
        case let fault: return "the file could not be mapped and locked: \(String(cString: strerror(fault)))"
        }
    }

    /// The content of `copy`, mapped or copied.
    func content(of copy: borrowing CompiledFile, packing: Bool) throws(CompiledCopyFault) -> CompiledFile.Content {
        guard maps else { return try copy.copied(packing: packing) }
        guard !copy.isRemote else {
            noteFault(Self.remote)
            return try copy.copied(packing: packing)
        }
        do {
            let content = try copy.mapped(packing: packing, known: known)
            noteFault(0)
            return content
        } catch let fault as MappingFault {
            noteFault(fault.errorNumber)
            return try copy.copied(packing: packing)
        } catch let fault as CompiledCopyFault {
            throw fault
        } catch {
            throw .failed(ServingError(.internalError, "\(error)"))
        }
    }

    /// Notes why weights were not mapped; 0 where they were.
    func noteFault(_ fault: Int32) { lastFault.store(fault, ordering: .relaxed) }

    /// Whether `size` bytes of blocks can be mapped and locked beside what is locked now.
    func canMap(_ size: Int) -> Bool { maps && CONNXRuntime_mayLock(size) != 0 }
}
