// The Prometheus text exposition format, version 0.0.4.

extension [UInt8] {
    /// Appends one line `name{labels} value`.
    mutating func appendSample(_ name: String, labels: SampleLabels, value: String) {
        append(contentsOf: name.utf8)
        if !labels.text.isEmpty {
            append(UInt8(ascii: "{"))
            append(contentsOf: labels.text.utf8)
            append(UInt8(ascii: "}"))
        }
        append(UInt8(ascii: " "))
        append(contentsOf: value.utf8)
        append(UInt8(ascii: "\n"))
    }

    /// Appends a family's two comment lines.
    mutating func appendHead(_ name: String, help: String, type: String) {
        append(contentsOf: "# HELP \(name) \(help.escapedHelp)\n# TYPE \(name) \(type)\n".utf8)
    }
}

extension Double {
    /// The value as a sample has it: whole numbers without fraction, `+Inf`, `-Inf`, `NaN`.
    var sampleText: String {
        guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Inf" : "+Inf" }
        guard let whole = Int64(exactly: self), whole.magnitude < 1 << 53 else { return description }
        return String(whole)
    }
}

extension String {
    /// With backslash, quote and line feed escaped.
    var escapedLabelValue: String { escaped(quotes: true) }

    /// With backslash and line feed escaped.
    var escapedHelp: String { escaped(quotes: false) }

    private func escaped(quotes: Bool) -> String {
        guard utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return self }
        return unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where quotes: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
