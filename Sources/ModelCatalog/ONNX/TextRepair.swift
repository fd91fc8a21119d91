import FoundationEssentials

/// Makes texts that are not UTF-8 readable, where only people read them.
///
/// Exporters write doc strings in whatever the source file was written in, and runtimes do not look at them; protobuf in
/// Swift refuses the whole file. Names must be UTF-8: requests have to be able to say them.
struct TextRepair {
    /// The file's content with `?` in the place of bytes that stood in the way; as long as it was.
    private(set) var data: Data

    /// Reads `data`, which is an ONNX model; throws where a name is not UTF-8.
    init(_ data: Data) throws(CatalogError) {
        self.data = data
        try visit(.model, data.startIndex..<data.endIndex, depth: 0)
    }

    /// The messages that hold texts.
    private enum Message {
        case model, graph, node, attribute, tensor, sparse, value, function, entry, operators, annotation
        case training, type, tensorType, shape, dimension, elementType
    }

    /// What a field holds.
    private enum Field {
        case words
        case name(String)
        case message(Message)
    }

    /// The fields of `onnx.proto` that hold texts, by their numbers.
    private static func field(_ number: Int, of message: Message) -> Field? {
        switch (message, number) {
        case (.model, 2), (.model, 3), (.model, 4), (.model, 6): .words
        case (.model, 7): .message(.graph)
        case (.model, 8), (.function, 9): .message(.operators)
        case (.model, 14), (.graph, 16), (.node, 9), (.value, 4), (.function, 14), (.tensor, 16): .message(.entry)
        case (.model, 20): .message(.training)
        case (.model, 25): .message(.function)
        case (.graph, 1), (.function, 7): .message(.node)
        case (.graph, 2), (.graph, 10): .words
        case (.graph, 5), (.sparse, 1), (.sparse, 2), (.attribute, 5), (.attribute, 10): .message(.tensor)
        case (.graph, 15), (.attribute, 22), (.attribute, 23): .message(.sparse)
        case (.graph, 11), (.graph, 12), (.graph, 13), (.function, 12): .message(.value)
        case (.graph, 14): .message(.annotation)
        case (.node, 1): .name("an input of a node")
        case (.node, 2): .name("an output of a node")
        case (.node, 3), (.node, 6): .words
        case (.node, 4): .name("an operator")
        case (.node, 7), (.function, 10), (.operators, 1): .name("a domain")
        case (.node, 8), (.function, 13): .name("an overload")
        case (.node, 5), (.function, 11): .message(.attribute)
        case (.attribute, 1), (.attribute, 21), (.function, 6): .name("an attribute")
        case (.attribute, 13), (.tensor, 12), (.value, 3), (.function, 8), (.type, 6), (.dimension, 3): .words
        case (.attribute, 6), (.attribute, 11), (.training, 1), (.training, 2): .message(.graph)
        case (.attribute, 14), (.attribute, 15), (.value, 2): .message(.type)
        case (.tensor, 8): .name("a tensor")
        case (.tensor, 13), (.annotation, 2), (.training, 3), (.training, 4): .message(.entry)
        case (.value, 1): .name("a value")
        case (.function, 1): .name("a function")
        case (.function, 4), (.function, 5): .name("a value of a function")
        case (.entry, 1), (.entry, 2), (.annotation, 1): .words
        case (.type, 1), (.type, 8): .message(.tensorType)
        case (.type, 4), (.type, 9): .message(.elementType)
        case (.elementType, 1): .message(.type)
        case (.tensorType, 2): .message(.shape)
        case (.shape, 1): .message(.dimension)
        case (.dimension, 2): .name("a dimension")
        default: nil
        }
    }

    /// Deeper than protobuf reads.
    private static let deepest = 300

    /// - Complexity: O(fields), whatever the weights' bytes.
    private mutating func visit(_ message: Message, _ range: Range<Int>, depth: Int) throws(CatalogError) {
        guard depth < Self.deepest else { return }
        var reader = WireReader(range: range)
        while let (number, place) = reader.next(in: data) {
            guard let place else { continue }
            switch Self.field(number, of: message) {
            case .message(let inner): try visit(inner, place, depth: depth + 1)
            case .words: repair(place)
            case .name(let what):
                guard String(validating: data[place], as: UTF8.self) != nil else {
                    throw CatalogError(
                        .invalidModel,
                        "the name of \(what), at byte \(place.lowerBound - data.startIndex), is not UTF-8"
                    )
                }
            case nil: break
            }
        }
    }

    private mutating func repair(_ place: Range<Int>) {
        guard String(validating: data[place], as: UTF8.self) == nil else { return }
        for index in place where data[index] >= 0x80 { data[index] = UInt8(ascii: "?") }
    }
}

/// Goes through the fields of one message as protobuf writes them.
private struct WireReader {
    private var position: Int
    private let end: Int

    init(range: Range<Int>) {
        (position, end) = (range.lowerBound, range.upperBound)
    }

    /// The next field's number and, where it is as long as it says itself, its place; nil at the end or where nothing
    /// can be made of the bytes.
    mutating func next(in data: Data) -> (number: Int, place: Range<Int>?)? {
        guard position < end, let tag = number(in: data) else { return nil }
        let field = Int(clamping: tag >> 3)
        switch tag & 7 {
        case 0: return number(in: data).map { _ in (field, nil) }
        case 1: return skip(8) ? (field, nil) : nil
        case 5: return skip(4) ? (field, nil) : nil
        case 2:
            guard let length = number(in: data).map(Int.init(clamping:)) else { return nil }
            let start = position
            return skip(length) ? (field, start..<(start + length)) : nil
        default: return nil
        }
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard count <= end - position else { return false }
        position += count
        return true
    }

    private mutating func number(in data: Data) -> UInt64? {
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < end else { return nil }
            let byte = data[position]
            position += 1
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
        }
        return nil
    }
}
