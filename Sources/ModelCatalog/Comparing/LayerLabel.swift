/// What a layer is called in tables: names come from the file, and are for people alone.
enum LayerLabel {
    /// The path that the weights' names have in common, else the first output's name, else the operators.
    static func text(weights: [String], outputs: [String], operators: [String]) -> String {
        let named = weights.filter(isTelling)
        if let path = commonPath(named) { return path }
        if let output = outputs.first(where: isTelling) { return output }
        let shown = operators.prefix(3).joined(separator: " ")
        return operators.count > 3 ? "\(shown) and \(operators.count - 3) more" : shown
    }

    /// Exporters number what has no name.
    private static func isTelling(_ name: String) -> Bool {
        !name.hasPrefix("onnx::") && !name.hasPrefix("val_")
            && name.utf8.contains { $0 | 0x20 > 0x60 && $0 | 0x20 < 0x7B }
    }

    private static func commonPath(_ names: [String]) -> String? {
        guard let first = names.first else { return nil }
        guard names.count > 1 else { return first }
        var common = first.split(separator: ".", omittingEmptySubsequences: false)[...]
        for name in names.dropFirst() {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            common = common.prefix(zip(common, parts).prefix { $0 == $1 }.count)
        }
        return common.isEmpty ? nil : common.joined(separator: ".")
    }
}
