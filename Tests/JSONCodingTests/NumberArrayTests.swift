import JSONCoding
import ServingCore
import TestSupport
import Testing

/// Long arrays of numbers are read from the text: nothing but the time it takes may differ from jansson's own reading.
struct NumberArrayTests {
    /// Both readings of a text: with numbers left as text, and by jansson alone.
    private func readings(
        _ text: [UInt8],
        _ read: (JSONValue) throws -> [UInt8]
    ) -> (Result<[UInt8], ServingError>, Result<[UInt8], ServingError>) {
        let region = ByteRegion(copying: text)
        return (
            result { try read(try JSONDocument(parsing: region).root) },
            result { try region.withUnsafeBytes { try read(try JSONDocument(parsing: $0).root) } }
        )
    }

    private func result(_ body: () throws -> [UInt8]) -> Result<[UInt8], ServingError> {
        do {
            return .success(try body())
        } catch {
            return .failure(error as? ServingError ?? ServingError(.internalError, "\(error)"))
        }
    }

    private func number(_ generator: inout SeededGenerator) -> String {
        let random = generator.next()
        switch random % 12 {
        case 0: return "\(Int64(bitPattern: generator.next()))"
        case 1: return "\(Double(bitPattern: generator.next()))".replacing("nan", with: "0").replacing("inf", with: "1")
        case 2: return "\(Float.random(in: -1...1, using: &generator))"
        case 3: return "-0"
        case 4: return "-0.0"
        case 5: return "\(random % 300)e\(random % 40)"
        case 6: return "0.\(random)\(random)"
        case 7: return "\(random % 1_000_000).\(random % 99_999)E-\(random % 30)"
        case 8: return "9007199254740993.0"
        case 9: return "\(Double.random(in: 0...1, using: &generator))"
        default: return "\(random % 256)"
        }
    }

    @Test(arguments: [UInt64(1), 2, 3], [TensorDatatype.float64, .float32, .int64, .uint8])
    func `Tensors of random numbers read the same both ways`(seed: UInt64, datatype: TensorDatatype) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 1...40, using: &generator)
            let numbers = (0..<count).map { _ in number(&generator) }
            let text = Array("{\"a\":[],\"data\":[\(numbers.joined(separator: ", "))],\"b\":[ ]}".utf8)
            let (fast, plain) = readings(text) {
                try $0.member("data").tensorData(datatype: datatype, shape: [count]).array
            }
            #expect(fast == plain)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `Mutated texts read the same or fail the same both ways`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let seedText = Array(
            #"{"x":[],"s":"[1,2]\"","data":[[1.5, 2,3e1,4,5,6,7,8,-9.25],[1,2,3,4,5,6,7,8,9.0000]],"n":[1111111,2222222,333333]}"#
                .utf8
        )
        let alphabet = Array("0123456789-+.eE,[]{}\" \n:tn\\".utf8)
        var failures = 0
        for _ in 0..<4_000 {
            var text = seedText
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                switch generator.next() % 3 {
                case 0: text[place] = byte
                case 1: text.insert(byte, at: place)
                default: text.remove(at: place)
                }
            }
            let (fast, plain) = readings(text) { root in
                let data = try root.member("data").tensorData(datatype: .float64, shape: [2, 9]).array
                return try data + root.member("n").elements().map { UInt8(truncatingIfNeeded: try $0.int64()) }
            }
            #expect(fast == plain, "\(String(decoding: text, as: UTF8.self))")
            if case .failure = fast { failures += 1 }
        }
        #expect((1_000..<4_000).contains(failures))
    }

    @Test func `Elements of a long array are there when they are asked for`() throws {
        let root = try parsed(#"{"a":[11111111,22222222,33333333,4.5],"b":[[1,2,3,4,5,6,7,8,9,10,11,12,13,14],[]]}"#)
        let elements = Array(try root.member("a").elements())
        #expect(try elements.map { try $0.double() } == [11_111_111, 22_222_222, 33_333_333, 4.5])
        #expect(failure { _ = try elements[3].int64() }?.field == "a[3]")
        let rows = Array(try root.member("b").elements())
        #expect(try rows[0].elements().count == 14)
        #expect(try rows[1].elements().count == 0)
        #expect(failure { _ = try Array(try rows[0].elements())[13].string() }?.field == "b[0][13]")
    }

    @Test func `An error behind a long array keeps its line and column`() {
        let error = failure { _ = try parsed("{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12,13],\n\"b\":?}") }
        #expect(error?.message.hasPrefix("line 2, column 5:") == true)
    }
}
