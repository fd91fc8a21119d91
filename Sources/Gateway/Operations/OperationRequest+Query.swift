internal import HTTPTransport
internal import ServingCore

extension OperationRequest {
    /// The value a query names, percent-decoded; nil where it does not.
    ///
    /// - Throws: ``ServingError/Code/invalidField`` where it is named twice.
    func query(_ name: String) throws(ServingError) -> String? {
        var found: String?
        for pair in (head.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = parts.first, PercentEncoding.decode(first.utf8) == name else { continue }
            guard found == nil else { throw ServingError(.invalidField, "\(name) is given twice", field: name) }
            found = parts.count > 1 ? PercentEncoding.decode(parts[1].utf8) : ""
        }
        return found
    }

    /// The whole number a query names, in `range`; nil where it names none.
    ///
    /// - Throws: ``ServingError/Code/invalidField`` where it is anything else.
    func query(_ name: String, in range: ClosedRange<Int>) throws(ServingError) -> Int? {
        guard let text = try query(name) else { return nil }
        guard let value = Int(plainDecimal: text), range.contains(value) else {
            throw ServingError(
                .invalidField,
                "expected a whole number from \(range.lowerBound) to \(range.upperBound), found '\(text.prefix(32))'",
                field: name
            )
        }
        return value
    }
}
