/// The header fields of one request, in order, looked up without regard to case.
///
/// All bytes lie in one block; a `String` is made only for a field somebody asks for.
public struct HeaderFields: Sendable {
    private struct Slot {
        var start: Int32
        var nameCount: Int32
        var valueCount: Int32
    }

    private var bytes: [UInt8] = []
    private var slots: [Slot] = []

    /// No fields.
    public init() {}

    /// Makes fields from names and values, for tests and for answers made without a socket.
    public init(_ fields: [(name: String, value: String)]) {
        for field in fields {
            append(name: Array(field.name.utf8).span, value: Array(field.value.utf8).span)
        }
    }

    /// How many fields there are.
    public var count: Int { slots.count }

    /// How many bytes names and values have together.
    public var byteCount: Int { bytes.count }

    /// The value of the first field called `name`, or nil.
    /// - Complexity: O(number of fields).
    public func first(_ name: String) -> String? {
        for slot in slots where matches(slot, name) {
            return string(slot.start + slot.nameCount, slot.valueCount)
        }
        return nil
    }

    /// The values of all fields called `name`.
    /// - Complexity: O(number of fields).
    public func all(_ name: String) -> [String] {
        slots.filter { matches($0, name) }.map { string($0.start + $0.nameCount, $0.valueCount) }
    }

    /// Every field in order.
    public var fields: [(name: String, value: String)] {
        slots.map { (string($0.start, $0.nameCount), string($0.start + $0.nameCount, $0.valueCount)) }
    }

    mutating func reserve(fields: Int, bytes byteCount: Int) {
        slots.reserveCapacity(fields)
        bytes.reserveCapacity(byteCount)
    }

    mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        let start = bytes.count
        name.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        value.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        slots.append(Slot(start: Int32(start), nameCount: Int32(name.count), valueCount: Int32(value.count)))
    }

    /// Calls `body` with the bytes of each name and value in order.
    func forEachField<Failure: Error>(
        _ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        let all = bytes.span
        for slot in slots {
            let valueStart = Int(slot.start + slot.nameCount)
            try body(
                all.extracting(Int(slot.start)..<valueStart),
                all.extracting(valueStart..<valueStart + Int(slot.valueCount))
            )
        }
    }

    private func string(_ start: Int32, _ count: Int32) -> String {
        String(decoding: bytes[Int(start)..<Int(start + count)], as: UTF8.self)
    }

    private func matches(_ slot: Slot, _ name: String) -> Bool {
        bytes.span.extracting(Int(slot.start)..<Int(slot.start + slot.nameCount)).equalsIgnoringCase(name)
    }
}

extension Span<UInt8> {
    /// Whether these bytes are `text`, where ASCII letters of either case are the same.
    func equalsIgnoringCase(_ text: String) -> Bool {
        let other = text.utf8
        guard count == other.count else { return false }
        var index = 0
        for byte in other {
            guard self[index].asciiLowercased == byte.asciiLowercased else { return false }
            index += 1
        }
        return true
    }
}

extension UInt8 {
    /// The lower-case form of an ASCII letter; every other byte is itself.
    var asciiLowercased: UInt8 { self &- 65 < 26 ? self | 0x20 : self }
}
