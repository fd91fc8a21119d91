public import Dispatching
internal import ONNXEngine
internal import ServingCore

extension GatewayConfiguration {
    /// What the dispatcher needs of it, for one lane.
    public var dispatcherConfiguration: DispatcherConfiguration {
        var dispatcher = DispatcherConfiguration(memoryLimit: memory, uplink: uplink.configuration)
        dispatcher.policy = scheduling.policy
        dispatcher.mode = scheduling.mode
        dispatcher.overloadLoadSpacing = scheduling.overloadLoadSpacing
        dispatcher.overloadFairPart = scheduling.overloadFairPart
        dispatcher.batchingWindow = scheduling.batchingWindow
        dispatcher.runsExpired = scheduling.runsExpired
        dispatcher.allocation = uplink.sharing
        dispatcher.uplinkHeadroom = uplink.headroom
        dispatcher.uploadReserve = uplink.reserve
        dispatcher.learnsCapacity = uplink.learnsCapacity
        dispatcher.stallTime = uplink.stallTime
        dispatcher.maximumQueuedRequests = requests.maximumQueued
        dispatcher.maximumBatchSize = scheduling.maximumBatchSize
        dispatcher.planningShare = scheduling.planningShare
        dispatcher.overrun = engine.overrun
        dispatcher.unboundRunTime = requests.defaultTimeout
        dispatcher.safetySlack = scheduling.slack
        dispatcher.estimates.marginQuantile = scheduling.marginQuantile
        dispatcher.estimates.loadBytesPerSecond = scheduling.assumedLoadRate.bytesPerSecond
        return dispatcher
    }

    /// The same for these lanes.
    func dispatcherConfiguration(_ lanes: LaneChoice) -> DispatcherConfiguration {
        var dispatcher = dispatcherConfiguration
        dispatcher.lanes = lanes.count
        dispatcher.estimates.laneSlowdown = lanes.slowdown
        return dispatcher
    }

    /// What the engine needs of it.
    var onnxConfiguration: ONNXConfiguration {
        ONNXConfiguration(
            libraryPath: engine.library,
            threadCount: engine.threads,
            keptTensors: engine.keptTensors,
            mapsWeights: engine.mapsWeights,
            niceness: engine.niceness
        )
    }

    /// How much memory stays with the process for blocks, used or not.
    var keptMemory: ByteCount { engine.reservesMemory ? memory : .zero }
}

extension GatewayConfiguration.Uplink {
    /// How uploads share the uplink.
    fileprivate var configuration: UplinkConfiguration {
        if let hertz { return .bandwidth(hertz, efficiency: defaultSpectralEfficiency) }
        if let bitsPerSecond { return .rate(bitsPerSecond) }
        return .unpaced(assumedRate: assumedLinkRate)
    }
}
