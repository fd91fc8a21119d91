import JSONCoding
import ServingCore
import Testing

struct TensorDataTests {
    private func data(_ text: String, _ datatype: TensorDatatype, _ shape: [Int]) throws -> [UInt8] {
        try parsed("{\"data\":\(text)}").member("data").tensorData(datatype: datatype, shape: shape).array
    }

    private func fault(_ text: String, _ datatype: TensorDatatype, _ shape: [Int]) -> ServingError? {
        failure { _ = try data(text, datatype, shape) }
    }

    @Test func `Flat and nested data give the same bytes`() throws {
        let flat = try data("[1,2,3,4,5,6]", .int16, [2, 3])
        #expect(flat == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])
        #expect(try data("[[1,2,3],[4,5,6]]", .int16, [2, 3]) == flat)
        #expect(try data("[[[1],[2],[3]],[[4],[5],[6]]]", .int16, [2, 3, 1]) == flat)
    }

    @Test func `Every type with a JSON form is little-endian`() throws {
        #expect(try data("[true,false,1,0]", .bool, [4]) == [1, 0, 1, 0])
        #expect(try data("[255]", .uint8, [1]) == [255])
        #expect(try data("[65535]", .uint16, [1]) == [255, 255])
        #expect(try data("[4294967294]", .uint32, [1]) == [254, 255, 255, 255])
        #expect(try data("[9223372036854775807]", .uint64, [1]) == [255, 255, 255, 255, 255, 255, 255, 127])
        #expect(try data("[-128]", .int8, [1]) == [128])
        #expect(try data("[-2]", .int32, [1]) == [254, 255, 255, 255])
        #expect(try data("[-9223372036854775808]", .int64, [1]) == [0, 0, 0, 0, 0, 0, 0, 128])
        #expect(try data("[1.5,-2]", .float32, [2]) == [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0])
        #expect(try data("[1]", .float64, [1]) == [0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
        #expect(try data(#"["ab","","é"]"#, .bytes, [3]) == [2, 0, 0, 0, 97, 98, 0, 0, 0, 0, 2, 0, 0, 0, 0xC3, 0xA9])
    }

    @Test func `Integers of 64 bits without a sign are read exactly, longer ones as the floats they are`() throws {
        let largest: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 255]
        #expect(try data("[18446744073709551615]", .uint64, [1]) == largest)
        #expect(
            try data("[[9223372036854775808],[0]]", .uint64, [2, 1]) == [0, 0, 0, 0, 0, 0, 0, 128]
                + Array(repeating: 0, count: 8)
        )
        #expect(try data("[100000000000000000000]", .float64, [1]) == data("[1e20]", .float64, [1]))
        #expect(try data("[-\(String(repeating: "9", count: 38))]", .float32, [1]) == data("[-1e38]", .float32, [1]))
        #expect(
            try data("[18446744073709551615,0.5]", .float32, [2]) == data("[18446744073709551616.0,0.5]", .float32, [2])
        )
        #expect(fault("[18446744073709551616]", .uint64, [1])?.field == "data[0]")
        #expect(fault("[1,9223372036854775808]", .int64, [2])?.message.hasSuffix("found 9223372036854775808") == true)
        #expect(fault("[1\(String(repeating: "0", count: 400))]", .float64, [1])?.field == "data[0]")
    }

    @Test func `An element far into a long array is refused with its path and its value`() {
        let numbers = (0..<1000).map { $0 == 777 ? "300" : "1" }.joined(separator: ",")
        let error = fault("[\(numbers)]", .uint8, [1000])
        #expect(error?.field == "data[777]")
        #expect(error?.message == "expected an integer from 0 to 255, found 300")
        #expect(fault("[\(numbers)]", .bytes, [1000])?.field == "data[0]")
    }

    @Test func `A wrong element is refused with its path`() {
        #expect(fault("[[1,2],[3,\"x\"]]", .float32, [2, 2])?.field == "data[1][1]")
        #expect(fault("[1,2,null,4]", .float32, [2, 2])?.field == "data[2]")
        #expect(fault("[[1,2],3]", .int8, [2, 2])?.field == "data[1]")
        #expect(fault("[1,[2]]", .int8, [2])?.field == "data[1]")
    }

    @Test func `A value out of the type's range is refused with the range`() {
        #expect(fault("[256]", .uint8, [1])?.message == "expected an integer from 0 to 255, found 256")
        #expect(fault("[-1]", .uint64, [1])?.field == "data[0]")
        #expect(fault("[1.0]", .int32, [1])?.field == "data[0]")
        #expect(fault("[3.5e38]", .float32, [1])?.field == "data[0]")
        #expect(fault("[2]", .bool, [1])?.field == "data[0]")
    }

    @Test func `Data that does not match its shape is refused`() {
        #expect(fault("[1,2,3]", .int8, [2, 2])?.message == "expected 4 elements for the shape [2, 2], found 3")
        #expect(fault("[[1,2],[3]]", .int8, [2, 2])?.field == "data[1]")
        #expect(fault("[[1,2]]", .int8, [2, 2])?.field == "data")
        #expect(fault("5", .int8, [1])?.field == "data")
        #expect(fault("[]", .int8, [1 << 31, 1 << 31]) != nil)
        #expect(fault("[]", .int8, [1 << 31, 1 << 31, 1 << 31]) != nil)
        #expect(fault("[[],[]]", .float64, [2, 1 << 31])?.field == "data[0]")
    }

    @Test func `Tensors without elements are tensors`() throws {
        #expect(try data("[]", .float32, [0, 5]).isEmpty)
        #expect(try data("[[],[]]", .float32, [2, 0]).isEmpty)
        #expect(try data("[7]", .int8, []) == [7])
    }

    @Test(arguments: [TensorDatatype.float16, .bfloat16])
    func `Half precision has no JSON form`(datatype: TensorDatatype) {
        #expect(fault("[1]", datatype, [1])?.message.contains("binary") == true)
    }
}
