/// What the timeline needs to know of one batch: n-th of an ordered list.
public struct BatchOutline: Hashable, Sendable {
    /// Which model runs (i_n of the paper).
    public var model: Int
    /// How many requests it holds (|S_n|).
    public var count: Int
    /// The earliest deadline in it (D_n), in seconds on the state's axis.
    public var deadline: Double
    /// When the last of its uploads that nobody paces is expected to end; `-infinity` where all are done or paced.
    public var uploadEnd: Double
    /// The sum of D_k / e_k over its paced uploads, in hertz seconds: what they still need of the uplink.
    public var uplinkWork: Double
    /// Seconds that its paced uploads are never asked to end within: however near the latest start is, they count with no more of the
    /// uplink than that takes. 0 where they count with whatever it takes to be in time.
    public var leastWindow: Double

    /// Makes an outline.
    public init(
        model: Int,
        count: Int,
        deadline: Double,
        uploadEnd: Double = -.infinity,
        uplinkWork: Double = 0,
        leastWindow: Double = 0
    ) {
        self.model = model
        self.count = count
        self.deadline = deadline
        self.uploadEnd = uploadEnd
        self.uplinkWork = uplinkWork
        self.leastWindow = leastWindow
    }

    /// Takes in one more paced upload, which needs `work` hertz seconds and is never asked to end within `window` seconds.
    public mutating func addUpload(_ work: Double, leastWindow window: Double) {
        guard work > 0 else { return }
        leastWindow = uplinkWork > 0 ? min(leastWindow, window) : window
        uplinkWork += work
    }
}
