import JSONCoding
import ServingCore

/// The root of `text`, parsed.
func parsed(_ text: String, limits: JSONLimits = JSONLimits()) throws(ServingError) -> JSONValue {
    try JSONDocument(parsing: ByteRegion(copying: text.utf8), limits: limits).root
}

/// What `body` throws, nil where it does not throw.
func failure(_ body: () throws -> Void) -> ServingError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ServingError
    }
}
