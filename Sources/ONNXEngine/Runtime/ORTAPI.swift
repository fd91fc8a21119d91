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
    /// The error is `.engineFailed`.
    func check(_ status: OpaquePointer?, _ doing: @autoclosure () -> String) throws(ServingError) {
        guard let status else { return }
        defer { functions.pointee.ReleaseStatus?(status) }
        let message = functions.pointee.GetErrorMessage?(status).map { String(cString: $0) } ?? "no reason given"
        throw ServingError(.engineFailed, "\(doing()): \(Self.shortened(message))")
    }

    /// Throws where a run failed, and releases its status.
    ///
    /// A model has run on trial before it is served: where one of its operators complains later, it complains of what the
    /// request brought, whatever ONNX Runtime calls it. The error is then `.invalidField`; it is `.engineFailed` where
    /// memory is short or the runtime lacks something.
    func checkRun(_ status: OpaquePointer?) throws(ServingError) {
        guard let status else { return }
        defer { functions.pointee.ReleaseStatus?(status) }
        let kind = functions.pointee.GetErrorCode?(status) ?? ORT_FAIL
        let complaint = OperatorComplaint(functions.pointee.GetErrorMessage?(status).map { String(cString: $0) } ?? "")
        let isRefusal =
            [ORT_INVALID_ARGUMENT, ORT_FAIL, ORT_RUNTIME_EXCEPTION].contains(kind) && !complaint.isAboutMemory
        let message = "the model could not be run: \(complaint.text)"
        throw ServingError(isRefusal ? .invalidField : .engineFailed, message, field: isRefusal ? "inputs" : nil)
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
