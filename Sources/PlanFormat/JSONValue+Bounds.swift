import JSONCoding
import ServingCore

extension JSONValue {
    /// The number, from 0 to `maximum`; throws `invalidField` otherwise.
    func nonnegative(upTo maximum: Double) throws(ServingError) -> Double {
        let value = try double()
        guard value >= 0, value <= maximum else {
            throw error("expected a number from 0 to \(maximum), found \(value)")
        }
        return value
    }

    /// The number, over 0 by what can be reckoned with and at most `maximum`; throws `invalidField` otherwise.
    func positive(upTo maximum: Double) throws(ServingError) -> Double {
        let value = try double()
        guard value >= InstanceBounds.least, value <= maximum else {
            throw error("expected a number over 0, from \(InstanceBounds.least) to \(maximum), found \(value)")
        }
        return value
    }

    /// The whole number of bytes, also where it is written as `4e8`; throws `invalidField` otherwise.
    func bytes(from minimum: Int) throws(ServingError) -> Int {
        let value = try double()
        guard let count = Int(exactly: value), (minimum...InstanceBounds.bytes).contains(count) else {
            throw error("expected a whole number from \(minimum) to \(InstanceBounds.bytes), found \(value)")
        }
        return count
    }

    /// Throws `invalidField` at this value where `id` is no id.
    func expectID(_ id: String) throws(ServingError) {
        guard !id.isEmpty else { throw error("an id has at least one character") }
    }
}
