internal import ServingCore

extension GatewayConfiguration {
    /// What a run may take in memory: what is configured, else what is left of `available` bytes beside the blocks, divided by the
    /// lanes and one more.
    func runMemory(available: ByteCount?) -> ByteCount {
        if let configured = engine.runMemory { return configured }
        guard let available else { return .defaultRunMemory }
        let left = available - memory - engine.keptTensors
        let runs = engine.lanes > 0 ? engine.lanes : LaneChoice(engine, measured: nil).count
        return max(ByteCount(left.rawValue / (runs + 1)), .leastRunMemory)
    }
}

extension ByteCount {
    /// What a run may take where it is not known what the machine has.
    static let defaultRunMemory = ByteCount(1 << 30)
    /// What a run may take at least where nothing is configured: with less, ordinary models fail.
    fileprivate static let leastRunMemory = ByteCount(256 << 20)
}
