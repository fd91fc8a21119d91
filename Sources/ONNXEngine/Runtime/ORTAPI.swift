import CONNXRuntime
import ServingCore

/// ONNX Runtime's table of C functions, with the one place that turns its status into an error.
///
/// `@unchecked Sendable` because the table is constant and lives as long as the process.
struct ORTAPI: @unchecked Sendable {
    /// The functions; every one of API version 21 is there, the `?` of calls only satisfies the importer.
    let functions: UnsafePointer<OrtApi>

    /// Wraps the table of an opened library.
    init(_ functions: UnsafePointer<OrtApi>) {
        self.functions = functions
    }

    /// Throws where `status` is a failure, and releases it.
    ///
    /// The error is `code` where ONNX Runtime blames the arguments, else `.engineFailed`.
    func check(
        _ status: OpaquePointer?,
        _ doing: @autoclosure () -> String,
        badArgument code: ServingError.Code = .engineFailed
    ) throws(ServingError) {
        guard let status else { return }
        defer { functions.pointee.ReleaseStatus?(status) }
        let isBadArgument = functions.pointee.GetErrorCode?(status) == ORT_INVALID_ARGUMENT
        let message = functions.pointee.GetErrorMessage?(status).map { String(cString: $0) } ?? "no reason given"
        throw ServingError(isBadArgument ? code : .engineFailed, "\(doing()): \(Self.shortened(message))")
    }

    /// The object that `create` makes; the caller owns it.
    func make(
        _ what: String,
        _ create: (_ out: inout OpaquePointer?) -> OpaquePointer?
    ) throws(ServingError) -> OpaquePointer {
        var object: OpaquePointer?
        try check(create(&object), "making \(what)")
        guard let object else { throw ServingError(.engineFailed, "ONNX Runtime made no \(what)") }
        return object
    }

    /// The first line, and not all of a long one: what follows are places in ONNX Runtime's own source.
    private static func shortened(_ message: String) -> String {
        let line = message.prefix { !$0.isNewline }
        return line.count > 400 ? line.prefix(400) + "..." : String(line)
    }
}
