extension JSONWriter {
    /// Writes a member that is text.
    public mutating func member(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    /// Writes a member that is an integer.
    @inlinable
    public mutating func member(_ name: String, _ value: some FixedWidthInteger) {
        key(name)
        integer(value)
    }

    /// Writes a member that is true or false.
    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// Writes a member that is a number, or `null` where it is not finite.
    public mutating func member(_ name: String, orNull value: Double) {
        key(name)
        numberOrNull(value)
    }

    /// Writes a member in milliseconds, to the microsecond.
    public mutating func member(_ name: String, milliseconds value: Duration) {
        key(name)
        milliseconds(value)
    }

    /// Writes a member in seconds, to the millisecond.
    public mutating func member(_ name: String, seconds value: Duration) {
        key(name)
        seconds(value)
    }

    /// Writes a member that is an array of integers.
    public mutating func member(_ name: String, _ values: [Int]) {
        key(name)
        array { writer in
            for value in values { writer.integer(value) }
        }
    }

    /// Writes a member that is an array of texts.
    public mutating func member(_ name: String, _ values: [String]) {
        key(name)
        array { writer in
            for value in values { writer.string(value) }
        }
    }

    /// Writes a member that is whatever `value` writes.
    @inlinable
    public mutating func member(_ name: String, _ value: some JSONWritable) {
        key(name)
        value.write(to: &self)
    }

    /// Writes a member that is an array of whatever the values write.
    public mutating func member(_ name: String, _ values: [some JSONWritable]) {
        key(name)
        array { writer in
            for value in values { value.write(to: &writer) }
        }
    }
}
