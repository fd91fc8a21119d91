public import ServingCore

extension JSONValue {
    /// The number here, where it lies in `range`.
    ///
    /// - Throws: `ServingError` that names the place and the range.
    public func number(in range: ClosedRange<Double>) throws(ServingError) -> Double {
        let value = try double()
        guard range.contains(value) else {
            throw error("expected a number from \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        return value
    }
}
