/// Names as C wants them, made once.
///
/// `@unchecked Sendable` because nothing changes after `init`.
final class CStringArray: @unchecked Sendable {
    /// Each name, closed by a zero; valid as long as this object.
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    /// Copies `strings`.
    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: max(count, 1))
        for (index, string) in strings.enumerated() {
            let bytes = string.utf8CString
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
            for (place, byte) in bytes.enumerated() { (copy + place).initialize(to: byte) }
            (pointers + index).initialize(to: UnsafePointer(copy))
        }
    }

    deinit {
        for index in 0..<count { pointers[index]?.deallocate() }
        pointers.deallocate()
    }
}
