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
    private let lastFault = Atomic<Int32>(0)

    /// Maps where it can, unless `maps` is false.
    init(maps: Bool) {
        self.maps = maps
        if maps { CONNXRuntime_raiseLockLimit() }
    }

    /// Why weights are copied; nil where they are not.
    var problem: String? {
        guard maps else { return "it is configured so" }
        let fault = lastFault.load(ordering: .relaxed)
        return fault == 0 ? nil : "the process may not keep files in memory: \(String(cString: strerror(fault)))"
    }

    /// The content of `copy`, mapped or copied.
    func content(of copy: borrowing CompiledFile, packing: Bool) throws(CompiledCopyFault) -> CompiledFile.Content {
        guard maps, !copy.isRemote else { return try copy.copied(packing: packing) }
        do {
            return try copy.mapped(packing: packing, known: known)
        } catch let fault as MappingFault {
            lastFault.store(fault.errorNumber, ordering: .relaxed)
            return try copy.copied(packing: packing)
        } catch let fault as CompiledCopyFault {
            throw fault
        } catch {
            throw .failed(ServingError(.internalError, "\(error)"))
        }
    }

    /// Whether `size` bytes of blocks can be mapped and locked beside what is locked now.
    func canMap(_ size: Int) -> Bool { maps && CONNXRuntime_mayLock(size) != 0 }
}
