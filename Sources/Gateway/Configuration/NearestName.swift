/// Finds the name somebody may have meant.
enum NearestName {
    /// The name of `names` that differs least from `text`, where it is near enough to be meant: `GATEWAY_PROT` means
    /// `GATEWAY_PORT`.
    static func of(_ text: String, among names: [String]) -> String? {
        let wanted = Array(text.utf8)
        let nearest = names.map { ($0, distance(wanted, Array($0.utf8))) }.min { $0.1 < $1.1 }
        guard let (name, distance) = nearest, distance <= max(2, wanted.count / 5) else { return nil }
        return name
    }

    /// How many bytes have to be put in, left out, changed, or swapped with the next. O(product of the lengths).
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(rows[i][j + 1], row[j]) + 1
                best = min(best, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
