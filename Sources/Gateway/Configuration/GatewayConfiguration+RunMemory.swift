internal import ServingCore

extension GatewayConfiguration {
    /// What a run may take in memory: what is configured, else half of what is left of `available` bytes beside the blocks.
    func runMemory(available: ByteCount?) -> ByteCount {
        if let configured = engine.runMemory { return configured }
        guard let available else { return .defaultRunMemory }
        let left = available - memory - engine.keptTensors
        return max(ByteCount(left.rawValue / 2), .leastRunMemory)
    }
}

extension ByteCount {
    /// What a run may take where it is not known what the machine has.
    static let defaultRunMemory = ByteCount(1 << 30)
    /// What a run may take at least where nothing is configured: with less, ordinary models fail.
    fileprivate static let leastRunMemory = ByteCount(256 << 20)
}
