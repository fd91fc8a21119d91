/// How the place of a value is written for people: `inputs[0].shape[1]`.
enum JSONPath {
    private static let longestKey = 64

    /// Appends `[index]`.
    static func append(index: Int, to path: inout String) {
        path += "[\(index)]"
    }

    /// Appends `.key`, or `["key"]` where the key has other characters than letters, digits, `_` and `-`.
    static func append(key: String, to path: inout String) {
        let shown = String(key.prefix(longestKey))
        guard !key.isEmpty, key.utf8.allSatisfy(isPlain) else {
            path += "[\"\(shown)\"]"
            return
        }
        if !path.isEmpty { path += "." }
        path += shown
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
