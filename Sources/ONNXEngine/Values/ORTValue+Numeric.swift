import CONNXRuntime
import ServingCore

extension ORTValue {
    /// A value that reads `tensor`'s bytes where they lie, or an aligned copy of them.
    static func numeric(
        _ tensor: Tensor,
        count: Int,
        elementSize: Int,
        runtime: ORTRuntime
    ) throws(ServingError) -> ORTValue {
        let (size, overflow) = count.multipliedReportingOverflow(by: elementSize)
        guard !overflow, size == tensor.data.count else { throw tensor.misfit() }
        if tensor.datatype == .bool { try checkBooleans(tensor) }
        let backing = try aligned(tensor.data, to: elementSize)
        // The pointer stays good after the closure because the value keeps the region, and with it the region's owner.
        let start = backing.withUnsafeBytes { $0.baseAddress }
        let api = runtime.api
        let pointer = try api.make("a tensor") { out in
            tensor.withDimensions { dimensions in
                // ONNX Runtime takes a mutable pointer for outputs' sake; inputs it only reads.
                api.functions.pointee.CreateTensorWithDataAsOrtValue?(
                    runtime.memoryInfo,
                    UnsafeMutableRawPointer(mutating: start),
                    size,
                    dimensions.baseAddress,
                    dimensions.count,
                    tensor.datatype.elementType,
                    &out
                )
            }
        }
        return ORTValue(owning: pointer, backing: backing, api: api)
    }

    /// The region itself, or a copy where its start is not a multiple of `alignment`.
    private static func aligned(_ region: ByteRegion, to alignment: Int) throws(ServingError) -> ByteRegion {
        try region.withBytes { (bytes) throws(ServingError) in
            guard Int(bitPattern: bytes.baseAddress) % alignment != 0 else { return region }
            let storage = try ByteStorage(checkedCapacity: bytes.count)
            storage.append(bytes)
            return storage.region
        }
    }

    /// C++ may do anything with a bool that is neither 0 nor 1.
    private static func checkBooleans(_ tensor: Tensor) throws(ServingError) {
        guard tensor.data.withUnsafeBytes({ $0.allSatisfy { $0 <= 1 } }) else {
            let message = "tensor '\(tensor.name)' has a BOOL other than 0 and 1"
            throw ServingError(.invalidField, message, field: tensor.name)
        }
    }
}
