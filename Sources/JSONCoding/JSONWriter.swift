public import ServingCore

#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#endif

/// Writes one JSON text (RFC 8259) from front to back into memory that grows, without a tree in between.
///
/// Commas and colons are handled here; opening and closing in the right order is up to the caller, and easiest with
/// ``object(_:)`` and ``array(_:)``. Only ASCII is written. Each value costs time in proportion to its text.
public struct JSONWriter: ~Copyable {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    /// How many bytes were written.
    public private(set) var count = 0
    private var needsComma = false

    /// Makes a writer with room for `capacity` bytes before it has to grow.
    public init(capacity: Int = 512) {
        self.capacity = max(capacity, 64)
        // Not `allocate(byteCount:alignment:)`, which passes by the heap's caches where the size is no constant.
        guard let memory = malloc(self.capacity) else {
            preconditionFailure("there is no memory for \(self.capacity) bytes")
        }
        self.memory = memory
    }

    deinit {
        free(memory)
    }

    /// Ends the text and hands over its memory, without a copy.
    public consuming func finish() -> ByteRegion {
        let region = ByteRegion(owner: JSONText(memory: memory), start: memory, count: count)
        discard self
        return region
    }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the object opened last.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the array opened last.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes an object whose members `body` writes.
    @inlinable
    public mutating func object<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array whose elements `body` writes.
    @inlinable
    public mutating func array<Failure>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) {
        beginValue()
        append(value ? "true" : "false")
    }

    /// Writes `null`.
    public mutating func null() {
        beginValue()
        append("null")
    }

    /// Where the writer stands, for ``rewind(to:)``.
    var mark: (count: Int, needsComma: Bool) { (count, needsComma) }

    /// Forgets what was written since `mark`.
    mutating func rewind(to mark: (count: Int, needsComma: Bool)) {
        precondition(mark.count <= count, "a writer can only go back")
        (count, needsComma) = mark
    }

    /// Writes the comma before a value where one is due.
    mutating func beginValue() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Writes the colon after a member's name.
    mutating func endKey() {
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Appends one byte as it is.
    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    /// Appends one byte, or not: without a branch, for conditions that nothing predicts.
    @inline(__always)
    mutating func append(_ byte: UInt8, if condition: Bool) {
        reserve(1)
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += condition ? 1 : 0
    }

    /// Appends bytes as they are.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (memory + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    /// Appends `count` bytes that `body` fills in.
    @inline(__always)
    mutating func appendRoom(_ additional: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        reserve(additional)
        body(UnsafeMutableRawBufferPointer(start: memory + count, count: additional))
        count += additional
    }

    /// Appends text of our own as it is.
    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func open(_ bracket: UInt8) {
        beginValue()
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func reserve(_ additional: Int) {
        if capacity - count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let grown = max(capacity * 2, count + additional)
        guard let larger = realloc(memory, grown) else { preconditionFailure("there is no memory for \(grown) bytes") }
        memory = larger
        capacity = grown
    }
}

/// Owns the memory of a finished text.
private final class JSONText {
    private let memory: UnsafeMutableRawPointer

    init(memory: UnsafeMutableRawPointer) {
        self.memory = memory
    }

    deinit {
        free(memory)
    }
}
