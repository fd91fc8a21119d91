/// A model's name and version.
public struct ModelID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The name, of the form ``isValidName(_:)`` accepts.
    public let name: String
    /// The version, 1 or more.
    public let version: Int

    /// Makes an id; check a name that came from outside with ``isValidName(_:)`` first.
    public init(name: String, version: Int) {
        self.name = name
        self.version = version
    }

    /// `name:version`.
    public var description: String { "\(name):\(version)" }

    /// Order by name, then version.
    public static func < (lhs: ModelID, rhs: ModelID) -> Bool {
        (lhs.name, lhs.version) < (rhs.name, rhs.version)
    }

    /// Whether a name is 1-64 of `[A-Za-z0-9._-]`, does not start with `.`, and is not `stats`, which is a path.
    public static func isValidName(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: "."), name != "stats" else { return false }
        return bytes.allSatisfy(isNameByte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
