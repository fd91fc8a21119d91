import CMicroHTTPD
import TransportSecurity

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The libmicrohttpd daemon: its threads serve the connections that are added to it.
///
/// Given no listening socket, it accepts nothing itself. That avoids three faults of 0.9.75: `MHD_quiesce_daemon` may
/// abort when a thread leaves the listening socket at the same moment, a thread that finds its connection limit
/// reached keeps a lock for ever, and at the limit clients hang in the backlog.
///
/// `@unchecked Sendable` because libmicrohttpd locks what ``add(descriptor:address:length:)`` touches, and ``stop()`` is
/// called once, by its owner, after the last such call.
struct MHDDaemon: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Starts the threads; nil where libmicrohttpd cannot. `context` must outlive ``stop()``.
    init?(_ configuration: HTTPServerConfiguration, context: HTTPServerContext) {
        MHD_set_panic_func({ _, file, line, reason in panic(file, line, reason) }, nil)
        let threads = max(1, configuration.threadCount)
        // libmicrohttpd splits its limit among its threads and must never reach it (see above): any thread may hold all.
        let limit = (configuration.connectionLimit + 64).multipliedReportingOverflow(by: threads)
        var settings = CMicroHTTPD_Settings()
        settings.thread_count = UInt32(clamping: threads)
        settings.connection_limit = limit.overflow ? .max : UInt32(clamping: limit.partialValue)
        settings.connection_memory = configuration.connectionMemoryBytes
        settings.context = Unmanaged.passUnretained(context).toOpaque()
        settings.access = HTTPServerContext.accessCallback
        settings.completed = HTTPServerContext.completedCallback
        settings.connection = HTTPServerContext.connectionCallback
        settings.target = HTTPServerContext.targetCallback
        // The target stays as it was sent; it is decoded once, by us.
        settings.unescape = { _, _, text in text.map { strlen($0) } ?? 0 }
        guard let pointer = Self.start(&settings, priorities: configuration.tls == nil ? nil : TLSSession.priorities)
        else { return nil }
        self.pointer = pointer
    }

    private static func start(_ settings: inout CMicroHTTPD_Settings, priorities: String?) -> OpaquePointer? {
        guard let priorities else { return CMicroHTTPD_start(&settings) }
        return priorities.withCString {
            settings.tls_priorities = $0
            return CMicroHTTPD_start(&settings)
        }
    }

    /// Whether the library was built with TLS.
    static var hasTLS: Bool { MHD_is_feature_supported(.FEATURE_TLS) == .YES }

    /// Hands an accepted socket over, which is closed by libmicrohttpd from here on; false where it was refused (and closed).
    func add(descriptor: Int32, address: UnsafePointer<sockaddr>, length: socklen_t) -> Bool {
        MHD_add_connection(pointer, descriptor, address, length) == .YES
    }

    /// Ends the threads and closes every connection; none may be suspended, or libmicrohttpd aborts the process.
    func stop() {
        MHD_stop_daemon(pointer)
    }

    /// The library's version: `0.9.75`.
    static var version: String { String(cString: MHD_get_version()) }
}

/// libmicrohttpd found its own state broken: says so and ends the process.
private func panic(_ file: UnsafePointer<CChar>?, _ line: UInt32, _ reason: UnsafePointer<CChar>?) {
    let place = file.map { String(cString: $0) } ?? "?"
    let text = reason.map { String(cString: $0) } ?? "no reason given"
    let message = "libmicrohttpd cannot go on: \(text) (\(place):\(line))\n"
    _ = message.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    abort()
}
