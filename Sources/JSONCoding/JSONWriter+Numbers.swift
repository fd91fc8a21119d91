public import ServingCore

extension JSONWriter {
    /// Writes an integer.
    public mutating func integer(_ value: some FixedWidthInteger) {
        beginValue()
        if value < 0 { append(UInt8(ascii: "-")) }
        digits(UInt64(value.magnitude))
    }

    /// Writes the shortest decimal that reads back as the same double; throws `internalError` for what is not finite,
    /// which has no JSON form.
    public mutating func number(_ value: Double) throws(ServingError) {
        guard value.isFinite else { throw Self.notFinite }
        beginValue()
        append(ascii: value.description)
    }

    /// Writes the shortest decimal that reads back as the same float; throws `internalError` for what is not finite.
    public mutating func number(_ value: Float) throws(ServingError) {
        guard value.isFinite else { throw Self.notFinite }
        beginValue()
        append(ascii: value.description)
    }

    /// Writes a double, or `null` where it is not finite.
    public mutating func numberOrNull(_ value: Double) {
        guard value.isFinite else { return null() }
        beginValue()
        append(ascii: value.description)
    }

    /// Writes a duration in milliseconds, to the microsecond: `12.345`.
    public mutating func milliseconds(_ duration: Duration) {
        thousandths(duration.clampedNanoseconds / 1_000)
    }

    /// Writes a duration in seconds, to the millisecond: `1.5`.
    public mutating func seconds(_ duration: Duration) {
        thousandths(duration.clampedNanoseconds / 1_000_000)
    }

    private mutating func thousandths(_ value: Int64) {
        beginValue()
        if value < 0 { append(UInt8(ascii: "-")) }
        digits(value.magnitude / 1_000)
        var fraction = value.magnitude % 1_000
        guard fraction > 0 else { return }
        append(UInt8(ascii: "."))
        var place: UInt64 = 100
        while fraction > 0 {
            append(UInt8(ascii: "0") + UInt8(fraction / place))
            fraction %= place
            place /= 10
        }
    }

    private mutating func digits(_ value: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { buffer in
            var start = buffer.count
            var rest = value
            repeat {
                start -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                buffer[start] = UInt8(ascii: "0") + UInt8(digit)
                rest = quotient
            } while rest > 0
            append(UnsafeRawBufferPointer(rebasing: buffer[start...]))
        }
    }

    /// Swift prints finite numbers as JSON has them, shortest first: `0.1`, `1e-05`, `5e-324`.
    mutating func append(ascii text: consuming String) {
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private static var notFinite: ServingError {
        ServingError(.internalError, "a number that is not finite has no JSON form")
    }
}
