public import JSONCoding

/// The answer to `GET /v2/models/stats` and `/v2/models/{m}/stats`.
public struct ModelStatisticsReport: Hashable, Sendable, JSONWritable {
    /// One entry for each model and version.
    public var models: [ModelStatistics]

    /// Makes a report.
    public init(models: [ModelStatistics]) {
        self.models = models
    }

    /// Writes `{"model_stats":[…]}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("model_stats", models) }
    }
}
