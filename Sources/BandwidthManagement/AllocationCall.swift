public import ServingCore

/// One call to the platform's bandwidth management: what is to become of one device's allocation.
public enum AllocationCall: Hashable, Sendable {
    /// A new allocation of this rate.
    case create(device: String, BitsPerSecond)
    /// Another rate for an allocation there is.
    case replace(AllocationID, device: String, BitsPerSecond)
    /// The device sends nothing any more.
    case delete(AllocationID, device: String)

    /// The address of the device.
    public var device: String {
        switch self {
        case .create(let device, _), .replace(_, let device, _), .delete(_, let device): device
        }
    }
}

/// The platform's name for an allocation: the last part of its resource's path.
public struct AllocationID: RawRepresentable, Hashable, Sendable {
    /// The name, without characters that mean something in a path.
    public let rawValue: String

    /// Makes an identifier; nil of a text that cannot be one part of a path as it stands.
    public init?(rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || "-_.~%:@".utf8.contains($0)
        }
        guard isPlain, (1...256).contains(rawValue.utf8.count), rawValue != ".", rawValue != ".." else { return nil }
        self.rawValue = rawValue
    }
}

/// What came of an ``AllocationCall``.
public enum AllocationResult: Hashable, Sendable {
    /// A new allocation of this name.
    case created(AllocationID)
    /// Done.
    case done
    /// There is no such allocation (any more): 404.
    case gone
    /// The platform does not want this one: another 4xx.
    case refused
    /// The platform cannot be reached, or is in trouble: no answer in time, 429, 5xx, an answer that makes no sense.
    case unavailable
}
