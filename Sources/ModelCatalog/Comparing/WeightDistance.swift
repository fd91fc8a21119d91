import ServingCore

/// How far the weights of two layers are apart that have the same types and shapes.
struct WeightDistance: Hashable, Sendable {
    /// The largest difference of two elements; infinite where only one of them is a number.
    var largest: Double
    /// The largest magnitude of an element of the first layer.
    var scale: Double

    /// Compares weights in the order they stand in; nil where shapes or types do not fit, or elements are no floating-point
    /// numbers or lie in other files.
    init?(_ weights: [Onnx_TensorProto], _ others: [Onnx_TensorProto]) {
        guard weights.count == others.count, !weights.isEmpty else { return nil }
        (largest, scale) = (0, 0)
        for (one, other) in zip(weights, others) {
            guard one.typeAndShape == other.typeAndShape, !one.isExternal, !other.isExternal,
                let type = TensorDatatype(elementType: one.dataType),
                let values = TensorElements.floating(one.rawData, type),
                let others = TensorElements.floating(other.rawData, type), values.count == others.count
            else {
                guard one.rawData == other.rawData, one.typeAndShape == other.typeAndShape else { return nil }
                continue
            }
            add(values, others)
        }
    }

    private mutating func add(_ values: [Double], _ others: [Double]) {
        for (one, other) in zip(values, others) {
            if one.isFinite { scale = max(scale, abs(one)) }
            guard one != other, !(one.isNaN && other.isNaN) else { continue }
            let difference = abs(one - other)
            largest = max(largest, difference.isNaN ? .infinity : difference)
        }
    }
}
