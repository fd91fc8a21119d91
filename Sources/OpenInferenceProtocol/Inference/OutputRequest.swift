/// An output a request asks for.
public struct OutputRequest: Hashable, Sendable {
    /// Its place among the model's outputs.
    public var index: Int
    /// Its name in the model.
    public var name: String
    /// Whether it is answered as binary data.
    public var isBinary: Bool

    /// Makes a request for the output `index`.
    public init(index: Int, name: String, isBinary: Bool) {
        self.index = index
        self.name = name
        self.isBinary = isBinary
    }
}
