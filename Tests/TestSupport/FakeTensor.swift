import ModelServing
import ServingCore

/// A tensor of ``FakeEngine``'s: just the bytes.
final class FakeTensor: EngineTensor {
    let datatype: TensorDatatype
    let shape: [Int]
    let data: ByteRegion

    init(datatype: TensorDatatype, shape: [Int], data: ByteRegion) {
        self.datatype = datatype
        self.shape = shape
        self.data = data
    }

    convenience init(_ tensor: any EngineTensor) throws(ServingError) {
        self.init(datatype: tensor.datatype, shape: tensor.shape, data: try tensor.bytes())
    }

    func bytes() throws(ServingError) -> ByteRegion { data }

    /// The tensor with `number` added to each byte of content.
    func adding(_ number: UInt8) -> FakeTensor {
        guard number != 0 else { return self }
        var bytes = data.array
        for index in contentIndices(of: bytes) { bytes[index] &+= number }
        return FakeTensor(datatype: datatype, shape: shape, data: ByteRegion(copying: bytes))
    }

    /// The tensor without its last row; not for strings.
    func droppingLastRow() -> FakeTensor {
        guard let rows = shape.first, rows > 0 else { return self }
        let kept = data.slice(0..<(data.count / rows * (rows - 1))) ?? .empty
        return FakeTensor(datatype: datatype, shape: [rows - 1] + shape.dropFirst(), data: kept)
    }

    private func contentIndices(of bytes: [UInt8]) -> [Int] {
        guard datatype == .bytes else { return Array(bytes.indices) }
        var indices: [Int] = []
        var start = 0
        while start + 4 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
            indices.append(contentsOf: (start + 4)..<(start + 4 + length))
            start += 4 + length
        }
        return indices
    }
}
