/// An array of numbers that jansson did not parse: where it stands, and its numbers.
///
/// Its grammar was checked (RFC 8259), and every number in it fits: jansson would take it.
struct JSONNumberArray {
    /// From the opening bracket to behind the closing one.
    let range: Range<Int>
    /// Which of the document's numbers are its elements.
    let numbers: Range<Int>
}

/// A value that is neither container, string nor null.
enum JSONScalar {
    case integer(Int64)
    case real(Double)
    case bool(Bool)
}
