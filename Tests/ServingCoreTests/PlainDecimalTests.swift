import ServingCore
import Testing

struct PlainDecimalTests {
    @Test(arguments: [("0", 0), ("1", 1), ("10", 10), ("9223372036854775807", Int.max)])
    func `The plain form of a number is read`(text: String, value: Int) {
        #expect(Int(plainDecimal: text) == value)
    }

    @Test(arguments: ["", "01", "00", "+1", "-1", "-0", "1.0", " 1", "1 ", "1_0", "0x1", "٣", "9223372036854775808"])
    func `Every other text is none`(text: String) {
        #expect(Int(plainDecimal: text) == nil)
    }
}
