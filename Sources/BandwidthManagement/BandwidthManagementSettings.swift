internal import ServingCore

/// Where the platform's bandwidth management is, and how it is spoken to.
public struct BandwidthManagementSettings: Hashable, Sendable {
    /// The API's root, `http://platform/bwm/v1`, without a slash at its end.
    public var root: String
    /// Which application instance the allocations belong to.
    public var applicationInstance = "inference-gateway"
    /// The port devices send to.
    public var port: Int
    /// How long one call may take.
    public var timeout: Duration = .seconds(2)
    /// How often, and how many.
    public var reconciling = AllocationReconciler.Configuration()

    /// Makes settings with the defaults of everything else.
    public init(root: String, port: Int) {
        var root = Substring(root)
        while root.hasSuffix("/") { root = root.dropLast() }
        self.root = String(root)
        self.port = port
    }
}
