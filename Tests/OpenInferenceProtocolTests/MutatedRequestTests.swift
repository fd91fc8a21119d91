import OpenInferenceProtocol
import ServingCore
import TestSupport
import Testing

/// Bodies a client could send by mistake or malice: each gives a call or an error of the client's, never a crash.
struct MutatedRequestTests {
    private static let extremes = [
        "0", "-1", "1e999", "-0.0", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "2147483649",
        "1.0",
        "null", "\"\"", "[]", "{}", "true", "99999999999999999999999", "4294967296", "[[[[[[[[[]]]]]]]]]",
    ]

    private let specimens: [(json: String, binary: [UInt8]?)] = [
        (
            #"{"id":"7","inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1.5,2],[3,4e-3]]},"#
                + #"{"name":"mask","shape":[2],"datatype":"BOOL","data":[true,false]}],"#
                + #""outputs":[{"name":"y"},{"name":"label","parameters":{"binary_data":true}}],"#
                + #""parameters":{"timeout":250000,"priority":1,"note":"\u00e9"}}"#, nil
        ),
        (
            #"{"inputs":[{"name":"mask","shape":[2],"datatype":"BOOL","parameters":{"binary_data_size":2}},"#
                + #"{"name":"x","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"#
                + #""parameters":{"binary_data_output":true}}"#, [UInt8](repeating: 1, count: 18)
        ),
    ]

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `Mutated bodies are read or refused`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<2_500 {
            let specimen = specimens[Int.random(in: 0..<specimens.count, using: &generator)]
            var json = Array(specimen.json.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&json, &generator) }
            refused += outcome(json, specimen.binary, &generator)
        }
        #expect(refused > 1_000)
    }

    /// 1 where the body was refused.
    private func outcome(_ json: [UInt8], _ binary: [UInt8]?, _ generator: inout SeededGenerator) -> Int {
        let lengths = [json.count, json.count, json.count, 0, json.count + 1, json.count / 2, Int.max]
        let length = binary == nil ? nil : lengths.randomElement(using: &generator)
        do throws(ServingError) {
            let call = try decoder.decode(body: ByteRegion(copying: json + (binary ?? [])), headerLength: length)
            #expect(call.inputs.map(\.name) == ["x", "mask"])
            #expect(call.inputs[0].data.count == call.inputs[0].shape.reduce(4, *))
            return 0
        } catch {
            #expect((400..<500).contains(error.code.httpStatus) || error.code == .notImplemented)
            #expect(!error.message.isEmpty)
            return 1
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes.removeSubrange(place...)
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &generator)], at: place)
        case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
        default: replaceNumber(in: &bytes, near: place, &generator)
        }
    }

    private func replaceNumber(in bytes: inout [UInt8], near place: Int, _ generator: inout SeededGenerator) {
        let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
        let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        bytes.replaceSubrange(start..<end, with: Array((Self.extremes.randomElement(using: &generator) ?? "0").utf8))
    }
}
