internal import BandwidthManagement

extension GatewayConfiguration {
    /// Handing the shares to the platform's bandwidth management (ETSI GS MEC 015).
    public struct MEC: Sendable {
        /// The root of its API; nil hands nothing over.
        public var url: String?
        /// Which application instance the allocations belong to.
        public var applicationInstance = "inference-gateway"
        /// The shortest time between two rounds of calls.
        public var interval: Duration = .seconds(1)
        /// How long one call may take.
        public var timeout: Duration = .seconds(2)
        /// The longest time without an attempt while the service is not available.
        public var longestBackOff: Duration = .seconds(60)
        /// How many devices have an allocation at most.
        public var maximumAllocations = 1024

        /// The defaults.
        public init() {}

        /// What the adapter needs of it; nil where nothing is handed over. `port` is the one devices send to.
        func settings(port: Int) -> BandwidthManagementSettings? {
            guard let url else { return nil }
            var settings = BandwidthManagementSettings(root: url, port: port)
            settings.applicationInstance = applicationInstance
            settings.timeout = timeout
            settings.reconciling.interval = interval
            settings.reconciling.longestBackOff = longestBackOff
            settings.reconciling.maximumAllocations = maximumAllocations
            return settings
        }
    }
}
