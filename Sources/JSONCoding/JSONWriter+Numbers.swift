public import ServingCore

extension JSONWriter {
    /// Writes an integer.
    @inlinable
    public mutating func integer(_ value: some FixedWidthInteger) {
        integer(magnitude: UInt64(value.magnitude), isNegative: value < 0)
    }

    /// Writes an integer of any type, so that only the conversion is made for each type.
    @usableFromInline
    mutating func integer(magnitude: UInt64, isNegative: Bool) {
        beginValue()
        if isNegative { append(UInt8(ascii: "-")) }
        digits(magnitude)
    }

    /// Writes the shortest decimal that reads back as the same double; throws `internalError` for what is not finite,
    /// which has no JSON form.
    public mutating func number(_ value: Double) throws(ServingError) {
        guard value.isFinite else { throw Self.notFinite }
        beginValue()
        append(shortest: value)
    }

    /// Writes the shortest decimal that reads back as the same float; throws `internalError` for what is not finite.
    public mutating func number(_ value: Float) throws(ServingError) {
        guard value.isFinite else { throw Self.notFinite }
        beginValue()
        append(shortest: value)
    }

    /// Writes a double, or `null` where it is not finite.
    public mutating func numberOrNull(_ value: Double) {
        guard value.isFinite else { return null() }
        beginValue()
        append(shortest: value)
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
        guard value > 9 else { return append(UInt8(ascii: "0") + UInt8(value)) }
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

    /// Appends a finite float as Swift prints it, which is also how JSON has it: `0.1`, `1e-05`.
    mutating func append(shortest value: Float) {
        guard let decimal = ShortestDecimal(value) else { return append(ascii: value.description) }
        append(decimal, isNegative: value.sign == .minus)
    }

    /// Appends a finite double as Swift prints it: `0.1`, `5e-324`.
    mutating func append(shortest value: Double) {
        guard let decimal = ShortestDecimal(value) else { return append(ascii: value.description) }
        append(decimal, isNegative: value.sign == .minus)
    }

    private mutating func append(_ decimal: ShortestDecimal, isNegative: Bool) {
        append(UInt8(ascii: "-"), if: isNegative)
        var fraction = UInt64(decimal.digits)
        if decimal.digits < decimal.scale {
            append(UInt8(ascii: "0"))
        } else {
            let whole = fraction / UInt64(decimal.scale)
            digits(whole)
            fraction -= whole * UInt64(decimal.scale)
        }
        appendRoom(1 + decimal.places) { Self.write(fraction: fraction, into: $0) }
    }

    /// Writes a point and digits behind it, as many as there is room for, two by two: where their number is odd, the
    /// first pair starts at the point's place.
    @inline(__always)
    private static func write(fraction: UInt64, into room: UnsafeMutableRawBufferPointer) {
        var rest = fraction
        var end = room.count
        while end >= 2 {
            end -= 2
            let pair = UnsafeRawPointer(digitPairs.utf8Start + Int(2 * (rest % 100)))
            room.storeBytes(of: pair.loadUnaligned(as: UInt16.self), toByteOffset: end, as: UInt16.self)
            rest /= 100
        }
        room[0] = UInt8(ascii: ".")
    }

    /// The texts from `00` to `99`.
    private static var digitPairs: StaticString {
        """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    private mutating func append(ascii text: consuming String) {
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private static var notFinite: ServingError {
        ServingError(.internalError, "a number that is not finite has no JSON form")
    }
}
