internal import CJansson
internal import ServingCore

extension ServingError {
    /// The error of a parse of `bytes` that jansson ended with `failure` at the offset `position`.
    init(parsing bytes: UnsafeRawBufferPointer, failed failure: json_error_t, at position: Int) {
        let path = JSONTextPath.path(at: position, in: bytes)
        let code = withUnsafePointer(to: failure) { CJansson_error_code($0) }
        if code == json_error_numeric_overflow {
            self.init(
                .invalidField,
                "a number is too large: outside of tensor data, JSON integers must fit in 64 bits with a sign and other "
                    + "numbers in a double; send tensor data beyond that as binary",
                field: path
            )
        } else {
            let place = JSONTextPlace(of: position, in: bytes)
            let message = "line \(place.line), column \(place.column): \(Self.problem(code))"
            self.init(.malformedJSON, message, field: path)
        }
    }

    private static func problem(_ code: json_error_code) -> String {
        switch code {
        case json_error_out_of_memory: "there is no memory for it"
        case json_error_stack_overflow: "arrays and objects are nested too deep"
        case json_error_invalid_utf8: "a byte that is not UTF-8"
        case json_error_premature_end_of_input: "the text ends in the middle of a value"
        case json_error_end_of_input_expected: "there is more text after the end of the value"
        case json_error_null_character, json_error_null_byte_in_key: "a string holds the character U+0000"
        case json_error_duplicate_key: "a key is given twice in one object"
        default: "this is not valid JSON"
        }
    }
}

/// Where a byte of a text is, counted from 1.
private struct JSONTextPlace {
    var line = 1
    var column = 1

    /// O(offset).
    init(of offset: Int, in bytes: UnsafeRawBufferPointer) {
        var last = 0
        for index in 0..<min(max(offset, 0), bytes.count) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            last = index + 1
        }
        column = max(min(offset, bytes.count) - last, 1)
    }
}
