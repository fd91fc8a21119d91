import TestSupport

/// Breaks a JSON text, by bytes or by tokens, as a seed says.
struct TextMutator {
    private static let replacements = [
        "-1", "0", "1", "-0.0", "1e-320", "1e308", "1e400", "NaN", "-Infinity", "9223372036854775807",
        "9223372036854775808", "0.1", "4e8", "1e6", "1000000.1", "null", "true", "[]", "{}", "\"\"", "\"u0\"",
        "\"r.base\"", "[1]", "\"\\u0000\"", "\"\\ud800\"", "2", "0.5", "100",
    ]

    private static let factors = [0, 1e-3, 0.5, 0.9, 1, 1.1, 2, 10, 1e3]

    private let tokens: [ArraySlice<UInt8>]
    private let text: [UInt8]

    init(_ text: [UInt8]) {
        self.text = text
        tokens = Self.tokens(of: text)
    }

    /// One to three tokens replaced, removed, doubled or swapped.
    func mutateTokens(_ random: inout SeededGenerator) -> [UInt8] {
        var tokens = tokens
        for _ in 0..<Int.random(in: 1...3, using: &random) where !tokens.isEmpty {
            let place = Int.random(in: 0..<tokens.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: tokens.remove(at: place)
            case 1: tokens.insert(tokens[place], at: place)
            case 2: tokens.swapAt(place, .random(in: 0..<tokens.count, using: &random))
            case 3...5: scaleNumber(after: place, in: &tokens, &random)
            default: replaceScalar(after: place, in: &tokens, &random)
            }
        }
        return Array(tokens.joined(separator: [UInt8(ascii: " ")]))
    }

    /// One to four bytes changed, removed or inserted, or the text cut off.
    func mutateBytes(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes = text
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: bytes.removeSubrange(place...)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(.random(in: 0...255, using: &random), at: place)
            case 3...7:
                let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
                let digit = bytes[place...].firstIndex { digits.contains($0) } ?? place
                bytes[digit] = .random(in: digits, using: &random)
            default: bytes[place] = .random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    /// The next number times something: what is still an instance, but one that nobody thought of.
    private func scaleNumber(
        after start: Int,
        in tokens: inout [ArraySlice<UInt8>],
        _ random: inout SeededGenerator
    ) {
        for place in start..<tokens.count {
            guard let number = Double(String(decoding: tokens[place], as: UTF8.self)) else { continue }
            let scaled = number * (Self.factors.randomElement(using: &random) ?? 1)
            let text = Int(exactly: scaled).map { "\($0)" } ?? "\(scaled)"
            tokens[place] = ArraySlice(text.utf8)
            return
        }
    }

    /// Most mutations of punctuation are no JSON, so the interesting ones go for the next number, text or word.
    private func replaceScalar(
        after start: Int,
        in tokens: inout [ArraySlice<UInt8>],
        _ random: inout SeededGenerator
    ) {
        let punctuation = Array("{}[],:".utf8)
        let place = tokens[start...].firstIndex { $0.first.map { !punctuation.contains($0) } ?? false } ?? start
        if Bool.random(using: &random), let other = tokens.randomElement(using: &random) {
            tokens[place] = other
        } else if let other = Self.replacements.randomElement(using: &random) {
            tokens[place] = ArraySlice(other.utf8)
        }
    }

    /// Strings with their quotes, single punctuation marks, and runs of anything else without white space.
    private static func tokens(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        var result: [ArraySlice<UInt8>] = []
        var position = 0
        while position < text.count {
            let start = position
            switch text[position] {
            case UInt8(ascii: "\""):
                let close = text[(position + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? text.count - 1
                position = close + 1
            case UInt8(ascii: " "), UInt8(ascii: "\n"):
                position += 1
                continue
            case let byte where "{}[],:".utf8.contains(byte):
                position += 1
            default:
                let stops = Array("{}[],: \n".utf8)
                position = text[position...].firstIndex { stops.contains($0) } ?? text.count
            }
            result.append(text[start..<position])
        }
        return result
    }
}
