import ServingCore

/// What outputs of a comparison say besides which layers are equal.
public struct ComparisonSetting: Sendable {
    /// The wanted share for which layers to freeze are named, from 0 to 1.
    public var share: Double
    /// What was measured of blocks and models.
    public var calibration: Calibration

    /// Makes settings.
    public init(share: Double, calibration: Calibration = Calibration()) {
        self.share = share
        self.calibration = calibration
    }

    /// What loading a block takes, in seconds; nil where that was not measured.
    func loadSeconds(_ block: BlockID) -> Double? { calibration[load: block]?.seconds }

    /// What running one request of a model takes, in seconds; nil where that was not measured.
    func runSeconds(_ model: ComparedModel) -> Double? {
        calibration[compute: model.servable].map { $0.baseSeconds + $0.itemSeconds }
    }
}
