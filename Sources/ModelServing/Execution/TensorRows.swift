import ServingCore

/// Putting tensors side by side along their first dimension, and taking them apart again.
enum TensorRows {
    /// One tensor with the rows of all `parts`, in order; a single part is handed on as it lies.
    ///
    /// The parts have equal datatypes and equal dimensions behind the first, and their sizes are checked.
    /// - Throws: ``ServingError/Code/memoryUnavailable`` where there is no memory for the copy.
    /// - Complexity: one copy of all bytes where there is more than one part.
    static func joined(_ parts: [Tensor], rowCount: Int) throws(ServingError) -> Tensor {
        var joined = parts[0]
        guard parts.count > 1 else { return joined }
        let storage = try ByteStorage(checkedCapacity: parts.reduce(0) { $0 + $1.data.count })
        for part in parts { part.data.withUnsafeBytes { _ = storage.append($0) } }
        joined.shape[0] = rowCount
        joined.data = storage.region
        return joined
    }

    /// One tensor for each of `rows`, in order, each a slice of `whole`.
    ///
    /// Throws `.engineFailed` where `whole` does not have exactly those rows: no answer is better than somebody else's.
    /// - Complexity: O(number of parts), O(number of strings) for ``TensorDatatype/bytes``; no byte is copied.
    static func split(_ whole: Tensor, into rows: [Int]) throws(ServingError) -> [Tensor] {
        guard let rowCount = whole.shape.first, rowCount == rows.reduce(0, +) else {
            throw mismatch(whole, "has shape \(whole.shape) for \(rows.reduce(0, +)) rows of input")
        }
        guard let elementsInRow = Tensor.elementCount(of: Array(whole.shape.dropFirst())) else {
            throw mismatch(whole, "has an impossible shape \(whole.shape)")
        }
        var parts: [Tensor] = []
        parts.reserveCapacity(rows.count)
        var start = 0
        for count in rows {
            guard let end = end(of: count * elementsInRow, from: start, in: whole),
                let data = whole.data.slice(start..<end)
            else { throw mismatch(whole, "has fewer bytes than its shape \(whole.shape) takes") }
            var part = whole
            part.shape[0] = count
            part.data = data
            parts.append(part)
            start = end
        }
        guard start == whole.data.count else {
            throw mismatch(whole, "has more bytes than its shape \(whole.shape) takes")
        }
        return parts
    }

    private static func end(of count: Int, from start: Int, in whole: Tensor) -> Int? {
        guard let size = whole.datatype.elementSize else { return whole.data.endOfStrings(count: count, from: start) }
        return start + count * size
    }

    private static func mismatch(_ tensor: Tensor, _ what: String) -> ServingError {
        ServingError(.engineFailed, "output '\(tensor.name)' \(what)")
    }
}
