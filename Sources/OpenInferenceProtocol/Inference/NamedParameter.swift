/// One parameter of a request or an answer.
public struct NamedParameter: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: ParameterValue

    /// Makes a parameter.
    public init(_ name: String, _ value: ParameterValue) {
        self.name = name
        self.value = value
    }
}
