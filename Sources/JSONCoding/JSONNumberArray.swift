/// An array of numbers that jansson did not parse: where it stands, and its numbers.
///
/// Its grammar was checked (RFC 8259). It may hold integers that jansson would refuse: those of 64 bits without a sign,
/// and longer ones, which are rounded to doubles.
struct JSONNumberArray {
    /// From the opening bracket to behind the closing one.
    let range: Range<Int>
    /// Which of the document's numbers are its elements.
    let numbers: Range<Int>
}

/// A value that is neither container, string nor null.
enum JSONScalar {
    case integer(Int64)
    /// An integer above those of 64 bits with a sign.
    case unsigned(UInt64)
    case real(Double)
    case bool(Bool)
}
