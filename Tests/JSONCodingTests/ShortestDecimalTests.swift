import JSONCoding
import ServingCore
import TestSupport
import Testing

/// Numbers are written without `description`, and no digit may differ from it.
struct ShortestDecimalTests {
    private func text(_ write: (inout JSONWriter) throws -> Void) rethrows -> String {
        var writer = JSONWriter()
        try write(&writer)
        return String(decoding: writer.finish().array, as: UTF8.self)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `Floats are written as Swift prints them`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            // Exponents from below 2^-14 to above 2^25, all bits behind them.
            let exponent = UInt32.random(in: 112...153, using: &generator)
            let significand = UInt32.random(in: 0..<(1 << 23), using: &generator)
            let sign = UInt32.random(in: 0...1, using: &generator)
            let value = Float(bitPattern: sign << 31 | exponent << 23 | significand)
            let written = try text { try $0.number(value) }
            try #require(written == value.description)
        }
    }

    @Test func `Powers of two and their neighbours are written as Swift prints them`() throws {
        for exponent in UInt32(1)...254 {
            for offset in [-2, -1, 0, 1, 2] {
                let value = Float(bitPattern: UInt32(Int(exponent << 23) + offset))
                #expect(try text { try $0.number(value) } == value.description)
            }
        }
    }

    @Test(arguments: [0, -0.0, 0.1, 1, -1, 10, 0.5, 16_777_215, 16_777_216, 33_554_432, 1e-4, 0.007920, 123.456])
    func `Chosen floats are written as Swift prints them`(value: Float) throws {
        #expect(try text { try $0.number(value) } == value.description)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `Doubles are written as Swift prints them`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let whole = Int64.random(in: -1_000_000_000_000_000...1_000_000_000_000_000, using: &generator)
            let thousandths = Double(whole >> Int64.random(in: 0...49, using: &generator)) / 1_000
            for value in [thousandths, thousandths.nextUp, thousandths.nextDown, thousandths / 7] {
                let written = try text { try $0.number(value) }
                try #require(written == value.description)
            }
        }
    }

    @Test(arguments: [0.0, -0.0, 0.001, 0.0005, 1e12, 999_999_999_999.999, 1e15, 1e-300, 1e300, 0.1 + 0.2])
    func `Chosen doubles are written as Swift prints them`(value: Double) throws {
        #expect(try text { try $0.number(value) } == value.description)
    }
}
