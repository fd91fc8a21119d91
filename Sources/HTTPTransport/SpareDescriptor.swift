#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One descriptor kept back, so that a connection can be accepted and refused when no other is left.
struct SpareDescriptor: ~Copyable {
    private var descriptor = SpareDescriptor.open()

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Gives the descriptor up while `body` runs, and takes one again.
    mutating func lend(_ body: () -> Void) {
        if descriptor >= 0 { close(descriptor) }
        body()
        descriptor = Self.open()
    }

    private static func open() -> Int32 {
        // A socket, since it needs no file.
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    }
}
