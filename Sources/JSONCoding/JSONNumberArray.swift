internal import ServingCore

/// An array of numbers that stayed text: where it stands, and how many numbers it has.
///
/// Its grammar was checked (RFC 8259), and every number in it fits: jansson would take it.
struct JSONNumberArray {
    /// From the opening bracket to behind the closing one.
    let range: Range<Int>
    /// How many numbers.
    let count: Int

    /// Calls `body` with each number in order until it returns false; says at which that was. O(text).
    func firstFailure(in text: UnsafeRawBufferPointer, _ body: (JSONScalar) -> Bool) -> Int? {
        var scanner = JSONNumberScanner(text, at: range.lowerBound + 1)
        for index in 0..<count {
            scanner.skipSpaceAndComma()
            guard let number = scanner.next(), body(number.scalar(in: text)) else { return index }
        }
        return nil
    }
}

/// A value that is neither container, string nor null.
enum JSONScalar {
    case integer(Int64)
    case real(Double)
    case bool(Bool)
}
