/// What one model id stood for from one reading of the catalog on: another form has other blocks or other tensors.
///
/// The shell numbers forms; requests that were admitted for a form are run in it, whatever the catalog holds meanwhile.
public struct ModelForm: RawRepresentable, Hashable, Sendable {
    /// The shell's number.
    public let rawValue: UInt64

    /// Makes a form of that number.
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
