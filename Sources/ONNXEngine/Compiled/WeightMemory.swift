/// Where the weights of one copy lie while a session uses them.
protocol WeightMemory: AnyObject, Sendable {
    /// Where they start, aligned to a page.
    var start: UnsafeRawPointer { get }
    /// How many bytes of it are kept in memory.
    var residentCount: Int { get }
    /// Whether what is read there is still what was written to the copy.
    var isSound: Bool { get }

    /// Gives back what was only needed to make the session.
    func settle()
}

extension WeightMemory {
    /// There is nothing but weights.
    func settle() {}
}
