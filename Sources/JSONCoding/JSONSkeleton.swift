internal import ServingCore

/// A JSON text with its longer arrays of numbers emptied, so that jansson parses only the rest.
///
/// Why not leave all to jansson: it takes a node and some 250 ns for each number, most of an inference request's cost
/// on this path. What is not clearly an array of ordinary numbers is left in, so jansson stays the judge of the text.
struct JSONSkeleton {
    /// The text with emptied arrays.
    private(set) var text: [UInt8] = []
    /// For each empty array of ``text``, in order, the numbers it stands for; nil where it was empty all along.
    private(set) var arrays: [JSONNumberArray?] = []
    /// The numbers of all arrays that were emptied.
    private(set) var numbers: [JSONScalar] = []
    /// Whether any array was emptied.
    private(set) var isReduced = false

    /// Shorter arrays are not worth it.
    private static let shortest = 24

    /// Takes the arrays out of `bytes`, with room for `count` numbers. O(bytes): each is looked at twice at most.
    init(of bytes: UnsafeRawBufferPointer, expecting count: Int) {
        // Pages that are not written to take no memory; growing step by step would take more.
        numbers.reserveCapacity(max(count, 128))
        text.reserveCapacity(256)
        arrays.reserveCapacity(4)
        var kept = 0
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): position = Self.stringEnd(after: position, in: bytes)
            case UInt8(ascii: "["):
                guard let array = numberArray(at: position, in: bytes) else { break }
                arrays.append(array.numbers.isEmpty ? nil : array)
                guard !array.numbers.isEmpty else { break }
                text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[kept...position]))
                isReduced = true
                position = array.range.upperBound - 1
                kept = position
            default: break
            }
            position += 1
        }
        if isReduced { text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[kept...])) }
    }

    /// The offset of the quote that closes the string opened at `start`, or the end.
    private static func stringEnd(after start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var position = start + 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return position
    }

    /// The array opened at `start` where it holds nothing, or numbers only and is long enough; else nil.
    private mutating func numberArray(at start: Int, in bytes: UnsafeRawBufferPointer) -> JSONNumberArray? {
        let first = numbers.count
        guard let (end, isLarge) = Self.endOfNumbers(after: start, in: bytes, &numbers),
            numbers.count == first || end - start >= Self.shortest || isLarge
        else {
            numbers.removeLast(numbers.count - first)
            return nil
        }
        return JSONNumberArray(range: start..<end, numbers: first..<numbers.count)
    }

    /// The offset in the whole text of an offset in ``text``. O(arrays).
    func fullOffset(of offset: Int) -> Int {
        guard isReduced else { return offset }
        var removed = 0
        for array in arrays {
            guard let array, array.range.lowerBound + 1 - removed < offset else { continue }
            // Of an array that was emptied only its brackets stand in the text.
            removed += max(array.range.count - 2, 0)
        }
        return offset + removed
    }

    /// How many values a text has at most: commas and opening brackets, those inside strings too.
    static func nodeCount(of bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0
        for byte in bytes {
            let opens = byte == UInt8(ascii: ",") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{")
            count &+= opens ? 1 : 0
        }
        return count
    }

    /// Collects the numbers of the array opened at `start`; nil where it holds anything else, or else its end.
    private static func endOfNumbers(
        after start: Int,
        in bytes: UnsafeRawBufferPointer,
        _ numbers: inout [JSONScalar]
    ) -> (end: Int, hasLargeInteger: Bool)? {
        guard var scanner = JSONNumberScanner(bytes, at: start + 1) else { return nil }
        scanner.skipSpace()
        if scanner.take(UInt8(ascii: "]")) { return (scanner.position, false) }
        repeat {
            scanner.skipSpace()
            guard let number = scanner.next() else { return nil }
            numbers.append(number)
            scanner.skipSpace()
        } while scanner.take(UInt8(ascii: ","))
        return scanner.take(UInt8(ascii: "]")) ? (scanner.position, scanner.hasLargeInteger) : nil
    }
}
