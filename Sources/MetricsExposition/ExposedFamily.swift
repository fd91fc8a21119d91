/// Something that has lines in the exposition.
protocol ExposedFamily: Sendable {
    /// Writes the head and all samples, or nothing where there are no samples.
    func emit(into text: inout [UInt8])
}

/// A family whose samples are read when they are asked for.
struct ReadFamily: ExposedFamily {
    let name: String
    let help: String
    let type: String
    let read: @Sendable () -> [LabelledValue]

    func emit(into text: inout [UInt8]) {
        let samples = read()
        guard !samples.isEmpty else { return }
        text.appendHead(name, help: help, type: type)
        for sample in samples {
            text.appendSample(name, labels: sample.labels, value: sample.value.sampleText)
        }
    }
}

extension String {
    /// Whether the text is a letter or underscore (or colon) followed by more of them and digits.
    func isMetricWord(allowingColon: Bool) -> Bool {
        guard let first = utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): allowingColon
            default: false
            }
        }
    }
}
