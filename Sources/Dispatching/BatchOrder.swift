public import ServingCore

/// Work for the executor: run one model for these requests.
public struct BatchOrder: Hashable, Sendable {
    /// The order, to be named in the result.
    public var id: OrderID
    /// The lane that is to run it, from 0.
    public var lane: Int
    /// The model, fully resident and not evicted before the result is reported.
    public var model: ModelID
    /// The form of the model whose blocks are resident.
    public var form: ModelForm
    /// The requests, the earliest deadline first.
    public var requests: [RequestID]
    /// Blocks of the model that were resident when this batch came to need them.
    public var reusedBlocks: Int
    /// Blocks of the model that were loaded for this batch.
    public var loadedBlocks: Int
    /// Bytes of the blocks reused.
    public var reusedBytes: ByteCount
    /// Bytes of the blocks loaded.
    public var loadedBytes: ByteCount
    /// How long those loads took.
    public var loadDuration: Duration

    /// Makes an order.
    public init(
        id: OrderID,
        lane: Int = 0,
        model: ModelID,
        form: ModelForm = ModelForm(rawValue: 0),
        requests: [RequestID],
        reusedBlocks: Int,
        loadedBlocks: Int,
        reusedBytes: ByteCount,
        loadedBytes: ByteCount,
        loadDuration: Duration
    ) {
        self.id = id
        self.lane = lane
        self.model = model
        self.form = form
        self.requests = requests
        self.reusedBlocks = reusedBlocks
        self.loadedBlocks = loadedBlocks
        self.reusedBytes = reusedBytes
        self.loadedBytes = loadedBytes
        self.loadDuration = loadDuration
    }
}
