/// One API key: who holds it, its SHA-256, what it lets its holder do. The key itself is nowhere kept.
struct CallerKey: Equatable, Sendable {
    /// The holder's name, as metrics show it; several keys may have the same, so that a key can be replaced.
    let name: String
    /// SHA-256 of the key, 32 bytes.
    let hash: [UInt8]
    /// What it is good for.
    let scopes: Set<CallerScope>

    /// Reads `NAME SHA256 [SCOPE+SCOPE]`, parts separated by spaces or colons; without scopes it is good for `infer` and
    /// `read`. Nil where it is anything else.
    init?(_ text: some StringProtocol) {
        let parts = text.split { $0 == " " || $0 == "\t" || $0 == ":" }
        guard (2...3).contains(parts.count), let name = parts.first, let hash = Self.hash(parts[1]) else { return nil }
        guard name.utf8.count <= 64, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else { return nil }
        let words = parts.count == 3 ? parts[2].split(separator: "+", omittingEmptySubsequences: false) : []
        let scopes = words.compactMap { CallerScope(rawValue: String($0)) }
        guard scopes.count == words.count else { return nil }
        self.name = String(name)
        self.hash = hash
        self.scopes = words.isEmpty ? [.infer, .read] : Set(scopes)
    }

    private static func hash(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 64, text.utf8.count == 64 else { return nil }
        return stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
