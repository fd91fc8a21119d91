/// Something that was promised, and whether it is reached.
struct Bar {
    let name: String
    let figure: String
    let isReached: Bool

    /// The line that is printed.
    var line: String { "  \(isReached ? "reached" : "MISSED ")  \(name): \(figure)" }
}
