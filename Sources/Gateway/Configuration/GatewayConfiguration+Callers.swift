public import AdmissionControl

extension GatewayConfiguration {
    /// Who may ask for what, and how much of it.
    public struct Callers: Sendable {
        /// Keys as `NAME:SHA256[:SCOPE+SCOPE]`, separated by commas; none: nobody needs a key.
        public var keys = ""
        /// A file of further keys, one a line.
        public var keyFile: String?
        /// Whether metrics, status, plan and blocks need a key with the scope `read`; nil: where there are keys at all.
        public var protectsReading: Bool?
        /// Whether `load` and `unload` need a key with the scope `admin`.
        public var protectsRepository = true
        /// What each caller may take: each key's holder, or without keys each address.
        public var limits = CallerLimits()
        /// How many callers' quotas are remembered.
        public var maximumCallers = 4096

        /// The defaults: no keys, no quotas.
        public init() {}

        /// Who may call an operation.
        func access(to operation: OperationID) -> OperationID.Access {
            switch operation.access {
            case .scope(.read) where protectsReading == false: .open
            case .scope(.admin) where !protectsRepository: .open
            case let access: access
            }
        }
    }
}
