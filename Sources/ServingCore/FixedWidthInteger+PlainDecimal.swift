extension FixedWidthInteger {
    /// The whole number a text writes in its one plain form: digits only, no sign, no zeros in front; nil for any other text.
    ///
    /// For numbers that name something: `01` and `+1` are not other names of 1.
    public init?(plainDecimal text: some StringProtocol) {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            first != UInt8(ascii: "0") || bytes.count == 1, let value = Self(text)
        else { return nil }
        self = value
    }
}
