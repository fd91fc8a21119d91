internal import CJansson
internal import ServingCore

extension ServingError {
    /// The error of a parse of `bytes` that jansson ended with `failure`.
    init(parsing bytes: UnsafeRawBufferPointer, failed failure: json_error_t) {
        let reason = withUnsafePointer(to: failure) { String(cString: CJansson_error_text($0)) }
        let isOverflow = withUnsafePointer(to: failure) { CJansson_is_numeric_overflow($0) } != 0
        let path = JSONTextPath.path(at: Int(failure.position), in: bytes)
        if isOverflow {
            self.init(
                .invalidField,
                "\(reason): JSON integers must fit in 64 bits with a sign and other numbers in a double; "
                    + "send tensor data outside of that as binary",
                field: path
            )
        } else {
            self.init(.malformedJSON, "line \(failure.line), column \(failure.column): \(reason)", field: path)
        }
    }
}
