import CMicroHTTPD

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One thread of our own that runs a function until it returns.
///
/// `@unchecked Sendable` because the handle is written once, in `init`, and used once, by the owner's ``join()``.
final class BackgroundThread: @unchecked Sendable {
    private let handle: pthread_t

    /// Starts a thread called `name` (at most 15 bytes) that runs `body`.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        // Released by the thread's start function, which runs exactly once.
        let box = Unmanaged.passRetained(Body(name, body))
        var handle = pthread_t()
        let status = pthread_create(
            &handle,
            nil,
            { opaque in
                guard let opaque else { return nil }
                Unmanaged<Body>.fromOpaque(opaque).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        precondition(status == 0, "the system has no room for another thread")
        self.handle = handle
    }

    /// Waits until the thread's function has returned; to be called once.
    func join() {
        pthread_join(handle, nil)
    }

    private final class Body: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            CMicroHTTPD_name_thread(name)
            body()
        }
    }
}
