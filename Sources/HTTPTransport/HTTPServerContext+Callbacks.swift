import CMicroHTTPD
import ServingCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// libmicrohttpd's callbacks: each finds its object and calls one method on it.
extension HTTPServerContext {
    /// `MHD_AccessHandlerCallback`: once for a head, then for each piece of body, then once for the end of the request.
    static let accessCallback: MHD_AccessHandlerCallback = {
        context,
        pointer,
        path,
        method,
        version,
        data,
        size,
        owner in
        guard let context = HTTPServerContext.at(context), let pointer, let size, let owner else { return .NO }
        let connection = MHDConnection(pointer)
        let goesOn: Bool
        if let exchange = HTTPExchange.at(owner.pointee) {
            if let data {
                let piece = UnsafeRawBufferPointer(start: data, count: size.pointee)
                goesOn = exchange.bodyArrived(piece, unread: &size.pointee)
            } else {
                goesOn = exchange.requestComplete()
            }
        } else {
            let raw = RawHead(method: method, path: path, version: version)
            goesOn = context.headArrived(connection, raw, owner: owner)
        }
        return goesOn ? .YES : .NO
    }

    /// `MHD_RequestCompletedCallback`: the hook that releases the exchange retained in ``headArrived(_:_:owner:)``.
    static let completedCallback: MHD_RequestCompletedCallback = { context, pointer, owner, code in
        guard let context = HTTPServerContext.at(context), let pointer, let owner else { return }
        let isComplete = code == .REQUEST_TERMINATED_COMPLETED_OK
        context.requestOver(MHDConnection(pointer), isComplete: isComplete)
        guard let opaque = owner.pointee else { return }
        owner.pointee = nil
        Unmanaged<HTTPExchange>.fromOpaque(opaque).takeRetainedValue().requestOver(isComplete: isComplete)
    }

    /// `MHD_NotifyConnectionCallback`: retains a connection when it starts, releases it when it closes.
    static let connectionCallback: MHD_NotifyConnectionCallback = { context, pointer, owner, code in
        guard let context = HTTPServerContext.at(context), let pointer, let owner else { return }
        if code == .CONNECTION_NOTIFY_STARTED {
            owner.pointee = Unmanaged.passRetained(context.opened(MHDConnection(pointer))).toOpaque()
        } else if let opaque = owner.pointee {
            owner.pointee = nil
            context.closed(Unmanaged<HTTPConnection>.fromOpaque(opaque).takeRetainedValue())
        }
    }

    /// The URI log callback: the only place that sees the target as it was sent; the query is kept from it.
    static let targetCallback:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
            context,
            target,
            pointer in
            // The target may be NULL. What is returned becomes the request's owner pointer: none yet.
            guard let context = HTTPServerContext.at(context), let pointer else { return nil }
            let query = target.flatMap { strchr($0, Int32(UInt8(ascii: "?"))) }.map { String(cString: $0 + 1) }
            let deadline = context.clock().advanced(by: context.configuration.headDeadline)
            let target = TargetRead(byteCount: target.map { strlen($0) } ?? 0, query: query)
            MHDConnection(pointer).owner?.targetRead(target, deadline: deadline)
            return nil
        }

    private static func at(_ opaque: UnsafeMutableRawPointer?) -> HTTPServerContext? {
        // Borrowed: the server keeps its context until the daemon has stopped.
        opaque.map { Unmanaged<HTTPServerContext>.fromOpaque($0).takeUnretainedValue() }
    }
}

extension HTTPExchange {
    /// The exchange a request's owner pointer holds, borrowed.
    fileprivate static func at(_ opaque: UnsafeMutableRawPointer?) -> HTTPExchange? {
        opaque.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }
}
