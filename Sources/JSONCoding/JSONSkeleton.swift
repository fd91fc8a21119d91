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
    /// Whether any array was emptied.
    private(set) var isReduced = false

    /// Shorter arrays are not worth it.
    private static let shortest = 24

    /// Takes the arrays out of `bytes`. O(bytes): each is looked at twice at most.
    init(of bytes: UnsafeRawBufferPointer) {
        var kept = 0
        var position = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""): position = Self.stringEnd(after: position, in: bytes)
            case UInt8(ascii: "["):
                guard let array = Self.numberArray(at: position, in: bytes) else { break }
                guard array.count > 0 else {
                    arrays.append(nil)
                    break
                }
                guard array.range.count >= Self.shortest else { break }
                text.append(contentsOf: bytes[kept...position])
                arrays.append(array)
                isReduced = true
                position = array.range.upperBound - 1
                kept = position
            default: break
            }
            position += 1
        }
        if isReduced { text.append(contentsOf: bytes[kept...]) }
    }

    /// The offset of the quote that closes the string opened at `start`, or the end.
    private static func stringEnd(after start: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var position = start + 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return position
    }

    /// The array opened at `start` where it holds numbers only, or nothing; else nil.
    private static func numberArray(at start: Int, in bytes: UnsafeRawBufferPointer) -> JSONNumberArray? {
        var scanner = JSONNumberScanner(bytes, at: start + 1)
        var count = 0
        scanner.skipSpace()
        if !scanner.take(UInt8(ascii: "]")) {
            repeat {
                scanner.skipSpace()
                guard scanner.next() != nil else { return nil }
                count += 1
                scanner.skipSpace()
            } while scanner.take(UInt8(ascii: ","))
            guard scanner.take(UInt8(ascii: "]")) else { return nil }
        }
        return JSONNumberArray(range: start..<scanner.position, count: count)
    }
}
