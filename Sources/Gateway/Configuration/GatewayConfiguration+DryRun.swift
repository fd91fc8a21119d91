public import ServingCore

extension GatewayConfiguration {
    /// What `POST /v1/plan` may take of the machine that serves requests.
    public struct DryRun: Sendable {
        /// How long an instance may be, as text.
        public var maximumBodyBytes = ByteCount(4 << 20)
        /// How many requests an instance may have.
        public var maximumRequests = 2000
        /// The longest a solver may take; what a caller asks for is cut to it.
        public var budget: Duration = .seconds(1)
        /// How many instances may wait for the one thread that solves them.
        public var maximumWaiting = 8

        /// The defaults.
        public init() {}
    }
}
