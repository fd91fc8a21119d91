import CONNXRuntime
import ServingCore

extension ORTValue {
    /// A value with a copy of each of `tensor`'s strings, bytes of any value included.
    ///
    /// - Complexity: O(n) for n bytes.
    static func strings(_ tensor: Tensor, count: Int, runtime: ORTRuntime) throws(ServingError) -> ORTValue {
        // Each string takes at least its length field, so the count cannot make ONNX Runtime allocate without bound.
        guard count <= tensor.data.count / 4 else { throw tensor.misfit() }
        let api = runtime.api
        let pointer = try api.make("a tensor") { out in
            tensor.withDimensions {
                let type = tensor.datatype.elementType
                return api.functions.pointee.CreateTensorAsOrtValue?(
                    runtime.allocator,
                    $0.baseAddress,
                    $0.count,
                    type,
                    &out
                )
            }
        }
        let value = ORTValue(owning: pointer, api: api)
        let end = try fill(value, from: tensor, count: count, api: api)
        guard end == tensor.data.count else { throw tensor.misfit() }
        return value
    }

    /// Copies `count` strings and returns where they end.
    private static func fill(
        _ value: borrowing ORTValue,
        from tensor: Tensor,
        count: Int,
        api: ORTAPI
    ) throws(ServingError) -> Int {
        do {
            return try tensor.data.withUnsafeBytes { bytes in
                var end = 0
                for index in 0..<count {
                    guard bytes.count - end >= 4 else { throw tensor.misfit() }
                    let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: end, as: UInt32.self)))
                    guard bytes.count - end - 4 >= length else { throw tensor.misfit() }
                    let string = UnsafeRawBufferPointer(rebasing: bytes[(end + 4)..<(end + 4 + length)])
                    try value.setString(string, at: index, api: api)
                    end += 4 + length
                }
                return end
            }
        } catch let error as ServingError {
            throw error
        } catch {
            throw ServingError(.internalError, "\(error)")
        }
    }

    private func setString(_ string: UnsafeRawBufferPointer, at index: Int, api: ORTAPI) throws(ServingError) {
        var room: UnsafeMutablePointer<CChar>?
        let status = api.functions.pointee.GetResizedStringTensorElementBuffer?(pointer, index, string.count, &room)
        try api.check(status, "making room for a string")
        UnsafeMutableRawBufferPointer(start: room, count: string.count).copyMemory(from: string)
    }

    /// The strings in wire layout.
    ///
    /// - Complexity: O(n) for n bytes, copied once.
    func stringBytes(count: Int) throws(ServingError) -> ByteRegion {
        var lengths: [Int] = []
        lengths.reserveCapacity(count)
        for index in 0..<count {
            var length = 0
            let status = api.functions.pointee.GetStringTensorElementLength?(pointer, index, &length)
            try api.check(status, "reading a string")
            lengths.append(length)
        }
        let storage = try ByteStorage(checkedCapacity: lengths.reduce(4 * count, +))
        for (index, length) in lengths.enumerated() {
            guard let prefix = UInt32(exactly: length) else {
                throw ServingError(.engineFailed, "a string of \(length) bytes is too long for the protocol")
            }
            withUnsafeBytes(of: prefix.littleEndian) { _ = storage.append($0) }
            var status: OpaquePointer?
            storage.fill { room in
                status = api.functions.pointee.GetStringTensorElement?(pointer, length, index, room.baseAddress)
                return length
            }
            try api.check(status, "reading a string")
        }
        return storage.region
    }
}
