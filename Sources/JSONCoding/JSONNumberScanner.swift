internal import ServingCore

/// Reads JSON numbers one after the other from text.
///
/// All of it is inlined where it is used: this is the inner loop of reading a request, and so stays in registers.
struct JSONNumberScanner {
    private let text: UnsafeRawPointer
    private let count: Int
    /// Where the next byte is read.
    private(set) var position: Int
    /// Whether a number so far was an integer that jansson does not take.
    private(set) var hasLargeInteger = false

    /// Starts at an offset; nil where there is no text at all.
    init?(_ text: UnsafeRawBufferPointer, at position: Int) {
        guard let start = text.baseAddress else { return nil }
        self.text = start
        count = text.count
        self.position = position
    }

    /// The byte at the position, 0 at the end.
    @inline(__always)
    private var byte: UInt8 { position < count ? text.load(fromByteOffset: position, as: UInt8.self) : 0 }

    /// Steps over white space (RFC 8259, section 2).
    @inline(__always)
    mutating func skipSpace() {
        // Almost always the next byte is none of them, which one comparison tells.
        while byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position &+= 1 }
    }

    /// Steps over `expected` where it stands next.
    @inline(__always)
    mutating func take(_ expected: UInt8) -> Bool {
        guard byte == expected else { return false }
        position &+= 1
        return true
    }

    /// The next number, or nil where none stands, or one that is not finite or over a thousand bytes long.
    @inline(__always)
    mutating func next() -> JSONScalar? {
        let start = position
        let isNegative = take(UInt8(ascii: "-"))
        var mantissa: UInt64 = 0
        let leadsWithZero = byte == UInt8(ascii: "0")
        let whole = digits(into: &mantissa)
        guard whole > 0, !leadsWithZero || whole == 1 else { return nil }
        guard whole <= 18 else { return longNumber(from: start) }
        var token = JSONNumberToken(isNegative: isNegative, mantissa: mantissa)
        if take(UInt8(ascii: ".")) {
            let fraction = digits(into: &token.mantissa)
            guard fraction > 0 else { return nil }
            guard fraction <= 30 else { return longNumber(from: start) }
            token.isInteger = false
            token.isExact = whole + fraction <= 19
            token.exponent = -fraction
        }
        guard takeExponent(&token) else { return longNumber(from: start) }
        return token.scalar(in: UnsafeRawBufferPointer(start: text + start, count: position &- start))
    }

    /// The number at `start`, read the slow way: an integer of 64 bits exactly, others rounded to the nearest double.
    @inline(never)
    private mutating func longNumber(from start: Int) -> JSONScalar? {
        position = start
        _ = take(UInt8(ascii: "-"))
        guard takeDigits() else { return nil }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard takeDigits() else { return nil }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            guard takeDigits() else { return nil }
        }
        guard position - start <= 1_000 else { return nil }
        let token = String(
            decoding: UnsafeRawBufferPointer(start: text + start, count: position - start),
            as: UTF8.self
        )
        if isInteger {
            if let value = Int64(token) { return .integer(value) }
            hasLargeInteger = true
            if let value = UInt64(token) { return .unsigned(value) }
        }
        guard let value = Double(token), value.isFinite else { return nil }
        return .real(value)
    }

    private mutating func takeDigits() -> Bool {
        var unused: UInt64 = 0
        return digits(into: &unused) > 0
    }

    @inline(__always)
    private mutating func takeExponent(_ token: inout JSONNumberToken) -> Bool {
        guard take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) else { return true }
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        var exponent: UInt64 = 0
        guard (1...2).contains(digits(into: &exponent)) else { return false }
        token.isInteger = false
        token.exponent += isNegative ? -Int(exponent) : Int(exponent)
        return true
    }

    /// Reads digits and says how many; beyond 19 of them the value is of no use.
    @inline(__always)
    private mutating func digits(into value: inout UInt64) -> Int {
        let start = position
        while case let digit = byte &- UInt8(ascii: "0"), digit <= 9 {
            value = value &* 10 &+ UInt64(digit)
            position &+= 1
        }
        return position &- start
    }
}

/// A number as it stands in text: mantissa times ten to the exponent.
private struct JSONNumberToken {
    let isNegative: Bool
    /// All digits, of use only where ``isExact``.
    var mantissa: UInt64
    var exponent = 0
    var isInteger = true
    /// Whether the mantissa has all digits: at most 19 of them, less than 2^64.
    var isExact = true

    @inline(__always)
    init(isNegative: Bool, mantissa: UInt64) {
        self.isNegative = isNegative
        self.mantissa = mantissa
    }

    /// The value of the number, which `text` is: integers exactly, others rounded to the nearest double.
    @inline(__always)
    func scalar(in text: UnsafeRawBufferPointer) -> JSONScalar {
        guard !isInteger else { return .integer(isNegative ? -Int64(mantissa) : Int64(mantissa)) }
        guard let magnitude = exactQuotient else { return .real(rounded(in: text)) }
        return .real(isNegative ? -magnitude : magnitude)
    }

    /// Mantissa and power of ten are both exact doubles here, so one operation rounds once (Clinger 1990).
    @inline(__always)
    private var exactQuotient: Double? {
        guard isExact, mantissa <= 1 << 53, abs(exponent) <= 22 else { return nil }
        let power = Self.powersOfTen[abs(exponent)]
        return exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
    }

    /// What the standard library makes of the text; it rounds to nearest whatever the length.
    @inline(never)
    private func rounded(in text: UnsafeRawBufferPointer) -> Double {
        Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
