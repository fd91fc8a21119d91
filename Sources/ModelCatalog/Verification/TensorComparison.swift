import ServingCore

/// How far two tensors are apart.
enum TensorComparison {
    /// What was found.
    enum Result: Equatable {
        /// Every element is within the tolerance; the largest difference, relative to the largest element.
        case equal(difference: Double)
        /// They are not the same, and how.
        case different(String)
    }

    /// Tensors whose largest element is smaller are measured against this, so that four units in the last place of 1 in
    /// single precision pass: that is how exact a sigmoid is near 0.
    private static let leastScale = 0x1p-21 / ImportVerification.tolerance

    /// Two units in the last place of a half.
    static let halfTolerance = 0x1p-9
    /// Two units in the last place of a bfloat16.
    static let bfloatTolerance = 0x1p-6

    /// Compares what a chain gave with what the whole model gave.
    ///
    /// Integers, booleans and strings have to be equal, NaN and infinities at the same places. A half may be two units
    /// in the last place apart, whatever the tolerance.
    static func compare(
        _ found: Tensor,
        with expected: Tensor,
        tolerance least: Double = ImportVerification.tolerance
    ) -> Result {
        guard found.datatype == expected.datatype, found.shape == expected.shape else {
            return .different(
                "is \(found.datatype.rawValue) \(found.shape) instead of \(expected.datatype.rawValue) \(expected.shape)"
            )
        }
        guard let (left, tolerance) = values(of: found), let (right, _) = values(of: expected) else {
            return found.data.array == expected.data.array ? .equal(difference: 0) : .different("has other elements")
        }
        guard left.count == right.count else { return .different("has other elements") }
        let scale = right.reduce(leastScale) { $1.isFinite ? max($0, abs($1)) : $0 }
        var largest = 0.0
        for (one, other) in zip(left, right) where one != other && !(one.isNaN && other.isNaN) {
            guard one.isFinite, other.isFinite else { return .different("has \(one) instead of \(other)") }
            largest = max(largest, abs(one - other) / scale)
        }
        return largest <= max(tolerance, least)
            ? .equal(difference: largest) : .different("differs by \(Float(largest))")
    }

    private static func values(of tensor: Tensor) -> (values: [Double], tolerance: Double)? {
        let values = tensor.data.withUnsafeBytes { TensorElements.floating($0, tensor.datatype) }
        guard let values else { return nil }
        switch tensor.datatype {
        case .float16: return (values, halfTolerance)
        case .bfloat16: return (values, bfloatTolerance)
        default: return (values, ImportVerification.tolerance)
        }
    }
}
