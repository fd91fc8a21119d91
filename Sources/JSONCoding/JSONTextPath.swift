/// Finds out where in a JSON text a byte is, for errors of the parser, which knows lines but not fields.
enum JSONTextPath {
    private enum Frame {
        case array(index: Int)
        case object(key: String?)
    }

    /// The path of the value at `offset`, like `inputs[0].data[3]`, or nil at the outermost level. O(offset).
    static func path(at offset: Int, in bytes: UnsafeRawBufferPointer) -> String? {
        var frames: [Frame] = []
        var position = 0
        let end = min(max(offset, 0), bytes.count)
        while position < end {
            if bytes[position] == UInt8(ascii: "\"") {
                let string = stringEnd(after: position, before: end, in: bytes)
                // A string that does not end before the offset is no key yet.
                if string < end { noteKey(bytes[(position + 1)..<string], in: &frames) }
                position = string
            } else {
                step(bytes[position], &frames)
            }
            position += 1
        }
        return render(frames)
    }

    private static func step(_ byte: UInt8, _ frames: inout [Frame]) {
        switch byte {
        case UInt8(ascii: "["): frames.append(.array(index: 0))
        case UInt8(ascii: "{"): frames.append(.object(key: nil))
        case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = frames.popLast()
        case UInt8(ascii: ","):
            switch frames.popLast() {
            case .array(let index): frames.append(.array(index: index + 1))
            case .object: frames.append(.object(key: nil))
            case nil: break
            }
        default: break
        }
    }

    /// Where the string that opens at `start` closes: the offset of its closing quote, or `end`.
    private static func stringEnd(after start: Int, before end: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var position = start + 1
        while position < end, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position, end)
    }

    /// Takes a string in an object whose key is not known yet for that key.
    private static func noteKey(_ text: Slice<UnsafeRawBufferPointer>, in frames: inout [Frame]) {
        guard case .object(key: nil) = frames.last else { return }
        frames[frames.count - 1] = .object(key: String(decoding: text, as: UTF8.self))
    }

    private static func render(_ frames: [Frame]) -> String? {
        // A text of brackets alone is as deep as it is long; nobody reads more than this.
        let path = frames.prefix(16).reduce(into: "") { path, frame in
            switch frame {
            case .array(let index): JSONPath.append(index: index, to: &path)
            case .object(let key): if let key { JSONPath.append(key: key, to: &path) }
            }
        }
        return path.isEmpty ? nil : path
    }
}
