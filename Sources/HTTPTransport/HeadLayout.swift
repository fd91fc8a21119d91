/// Finds in a parsed head what its parser hid: folded lines, bare line feeds, NULs, and lines without a name.
///
/// libmicrohttpd 0.9.75 leaves a head where it was received and writes zeros over its separators: a space becomes one zero, a
/// colon one, CR LF two. Read along with the fields that came out of it, the memory shows whether those fields are
/// all there was. A bare LF leaves one zero instead of two; a NUL ends a value before its line ends; a folded line
/// leaves bytes that belong to no field; and a line that begins with a colon or a NUL, which 0.9.75 takes for the end of
/// the head, leaves the head without its empty line.
struct HeadLayout {
    private let bytes: UnsafeRawBufferPointer
    /// Where the next line must begin.
    private var cursor = 0
    /// Whether all that was read so far is as it should be.
    private(set) var isPlain = true

    /// Starts on the head's memory; `targetCount` is how many bytes its target had when it was received.
    ///
    /// Nothing outside `bytes` is ever read: a pointer that lies elsewhere is itself the sign of a repaired line.
    init(
        _ bytes: UnsafeRawBufferPointer,
        method: UnsafeRawPointer?,
        target: UnsafeRawPointer?,
        targetCount: Int,
        version: UnsafeRawPointer?
    ) {
        self.bytes = bytes
        guard let method, let target, let version else {
            isPlain = false
            return
        }
        take(method, endedBy: 1, of: target)
        cursor = offset(of: target) ?? bytes.count
        // The query's own separators are zeros by now: only its length is known.
        cursor += targetCount
        takeZeros(1)
        take(version, endedBy: 2, of: nil)
    }

    /// Takes the next field, as the parser found it.
    mutating func takeField(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard isPlain, let nameStart = name.baseAddress, let valueStart = value.baseAddress,
            offset(of: nameStart) == cursor, !name.isEmpty
        else { return isPlain = false }
        cursor += name.count
        takeZeros(1)
        while cursor < bytes.count, bytes[cursor] == 0x20 || bytes[cursor] == 0x09 { cursor += 1 }
        guard offset(of: valueStart) == cursor else { return isPlain = false }
        cursor += value.count
        takeZeros(2)
    }

    /// Whether the head is over here, with its empty line and nothing else.
    mutating func isComplete() -> Bool {
        takeZeros(2)
        return isPlain && cursor == bytes.count
    }

    /// Takes a word of the first line and the zeros after it; `next` must begin right behind.
    private mutating func take(_ word: UnsafeRawPointer, endedBy zeros: Int, of next: UnsafeRawPointer?) {
        guard isPlain, offset(of: word) == cursor else { return isPlain = false }
        while cursor < bytes.count, bytes[cursor] != 0 { cursor += 1 }
        takeZeros(zeros)
        if let next, offset(of: next) != cursor { isPlain = false }
    }

    private mutating func takeZeros(_ count: Int) {
        guard isPlain, cursor >= 0, count <= bytes.count - cursor else { return isPlain = false }
        for index in cursor..<cursor + count where bytes[index] != 0 { isPlain = false }
        cursor += count
    }

    private func offset(of pointer: UnsafeRawPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let distance = pointer - base
        return distance >= 0 && distance <= bytes.count ? distance : nil
    }
}
