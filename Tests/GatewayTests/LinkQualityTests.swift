import ServingCore
import Testing

@testable import Gateway

struct LinkQualityTests {
    @Test func `Without the header nothing is known of the link`() throws {
        #expect(try LinkQuality.spectralEfficiency(values: []) == nil)
    }

    @Test(arguments: [("4.2", 4.2), ("0.001", 0.001), ("100", 100), ("1e1", 10)])
    func `A number in range is the spectral efficiency`(text: String, expected: Double) throws {
        #expect(try LinkQuality.spectralEfficiency(values: [text])?.rawValue == expected)
    }

    @Test(arguments: [
        "", "0", "-1", "nan", "inf", "1e9", "four", "4,2", "+4", "0x4p0", String(repeating: "1", count: 40),
    ])
    func `Anything else is refused by the header's name`(text: String) {
        let error = #expect(throws: ServingError.self) { try LinkQuality.spectralEfficiency(values: [text]) }
        #expect(error?.field == "Inference-Spectral-Efficiency")
    }

    @Test func `A header that is given twice is refused`() {
        #expect(throws: ServingError.self) { try LinkQuality.spectralEfficiency(values: ["4", "4"]) }
    }
}
