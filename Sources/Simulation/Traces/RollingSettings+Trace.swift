public import Dispatching

extension RollingSettings {
    /// How a gateway of this configuration runs a trace: the search plans, uploads are looked at as often as the server does,
    /// and a device's uploads share its link. It has `lanes`, or with 0 as many as were measured to serve most.
    public static func trace(
        _ configuration: DispatcherConfiguration,
        of trace: TraceArrivals,
        on measured: CalibrationFile,
        lanes: Int = 1,
        buffers: UploadBuffers,
        requestSeconds: Double = 0
    ) -> RollingSettings {
        var settings = RollingSettings(configuration, planner: .search(seed: 1))
        settings.configuration.lanes = lanes > 0 ? lanes : measured.lanes?.count ?? 1
        if let known = measured.lanes, known.count == settings.configuration.lanes {
            settings.laneSlowdown = known.slowdown
            settings.configuration.estimates.laneSlowdown = known.slowdown
        }
        settings.contention = measured.contention
        settings.buffers = buffers
        settings.requestSeconds = requestSeconds
        settings.variation = measured.variation
        settings.orderSeconds = measured.orderSeconds
        settings.reportInterval = 0.025
        settings.devices = max(trace.deviceCount, 1)
        settings.sharesDeviceLinks = true
        return settings
    }
}
