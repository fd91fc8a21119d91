internal import ServingCore

/// Reads the header in which a device says how good its link is.
enum LinkQuality {
    /// The header's name.
    static let header = "Inference-Spectral-Efficiency"
    /// The bytes of a decimal number; Swift would read a sign, hexadecimal digits and words, too.
    private static let decimal = Set("0123456789.eE-".utf8)

    /// The spectral efficiency the header names, nil where there is none.
    ///
    /// Above 100 bit/s/Hz no radio link is; the bound keeps a device from claiming a share of nothing.
    /// - Throws: ``ServingError/Code/invalidField`` where it is not a number in 0.001...100.
    static func spectralEfficiency(values: [String]) throws(ServingError) -> SpectralEfficiency? {
        guard let text = values.first else { return nil }
        guard values.count == 1 else { throw ServingError(.invalidField, "\(header) is given twice", field: header) }
        guard text.utf8.count <= 32, text.utf8.allSatisfy(decimal.contains), let value = Double(text),
            (0.001...100).contains(value)
        else {
            throw ServingError(.invalidField, "\(header) is not a number from 0.001 to 100", field: header)
        }
        return SpectralEfficiency(rawValue: value)
    }
}
