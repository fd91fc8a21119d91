import JSONCoding
import ServingCore
import TestSupport
import Testing

struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) throws -> Void) throws -> String {
        var writer = JSONWriter(capacity: 1)
        try body(&writer)
        return String(decoding: writer.finish().array, as: UTF8.self)
    }

    @Test func `Commas and colons stand where they belong`() throws {
        let text = try text { writer in
            writer.object { writer in
                writer.member("a", 1)
                writer.member("b", [1, 2, 3])
                writer.key("c")
                writer.array { writer in
                    writer.object { _ in }
                    writer.object { $0.member("d", true) }
                    writer.null()
                }
                writer.member("e", [String]())
                writer.member("f", "g")
            }
        }
        #expect(text == #"{"a":1,"b":[1,2,3],"c":[{},{"d":true},null],"e":[],"f":"g"}"#)
    }

    @Test func `Strings are escaped and stay ASCII`() throws {
        let text = try text { $0.string("a\"\\\n\r\t\u{1}\u{7F}é😀/") }
        #expect(text == #""a\"\\\n\r\t\u0001\u007f\u00e9\ud83d\ude00/""#)
    }

    @Test func `Bytes that are not UTF-8 are replaced`() throws {
        let text = try text { writer in
            [UInt8]([0x61, 0xFF, 0x22, 0xC3]).withUnsafeBytes { writer.string(utf8: $0) }
        }
        #expect(text == #""a\ufffd\"\ufffd""#)
    }

    @Test func `Integers are written to their limits`() throws {
        let text = try text { writer in
            writer.array { writer in
                writer.integer(Int64.min)
                writer.integer(UInt64.max)
                writer.integer(0)
                writer.integer(Int8(-1))
            }
        }
        #expect(text == "[-9223372036854775808,18446744073709551615,0,-1]")
    }

    @Test func `Every number written reads back as the same number`() throws {
        let special: [Double] = [
            0, 0.1, -1, 1e16, 1e-5, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .leastNormalMagnitude, .pi,
            123456789.125,
        ]
        var generator = SeededGenerator(seed: 7)
        let random = (0..<2000).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
        let values = special + random.filter { $0 != 0 }
        let text = try text { writer in
            try writer.array { writer in
                for value in values { try writer.number(value) }
            }
        }
        let back = try parsed(text).elements().map { try $0.double() }
        #expect(back == values)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `A number that is not finite is never written`(value: Double) throws {
        #expect(failure { _ = try text { try $0.number(value) } } != nil)
        #expect(failure { _ = try text { try $0.number(Float(value)) } } != nil)
        #expect(try text { $0.numberOrNull(value) } == "null")
    }

    @Test func `Durations are written as decimals`() throws {
        let text = try text { writer in
            writer.array { writer in
                writer.milliseconds(.microseconds(12_345))
                writer.milliseconds(.milliseconds(7))
                writer.milliseconds(.microseconds(-1_050))
                writer.seconds(.milliseconds(1_500))
            }
        }
        #expect(text == "[12.345,7,-1.05,1.5]")
    }

    @Test func `A tensor is written as one flat array`() throws {
        let tensor = try tensor(.float32, [2, 2], [Float(0.1), -2, 1e-5, 3e10])
        #expect(try text { try $0.member("data", elementsOf: tensor) } == #""data":[0.1,-2.0,1e-05,3e+10]"#)
    }

    @Test func `A tensor without JSON form leaves no trace in the text`() throws {
        let tensor = try tensor(.float32, [2], [Float(1), .nan])
        let text = try text { writer in
            writer.object { writer in
                writer.member("a", 1)
                let error = failure { try writer.member("data", elementsOf: tensor) }
                #expect(error?.code == .invalidField)
                #expect(error?.message.contains("nan at element 1") == true)
                writer.member("b", 2)
            }
        }
        #expect(text == #"{"a":1,"b":2}"#)
    }

    @Test(arguments: [[1, 0, 0, 0, 0xFF], [9, 0, 0, 0, 0x61], [1, 0]] as [[UInt8]])
    func `A byte string that is not UTF-8 or not whole is not written`(bytes: [UInt8]) {
        let tensor = Tensor(name: "y", datatype: .bytes, shape: [1], data: ByteRegion(copying: bytes))
        #expect(failure { _ = try text { try $0.member("data", elementsOf: tensor) } }?.code == .invalidField)
    }

    private func tensor(_ datatype: TensorDatatype, _ shape: [Int], _ values: [Float]) throws -> Tensor {
        let bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
        return Tensor(name: "y", datatype: datatype, shape: shape, data: ByteRegion(copying: bytes))
    }
}
