import ServingCore

/// One way to choose what the file leaves open in a model's inputs: dimensions that vary, and ranges of integers.
struct TrialAttempt: Hashable {
    /// First dimensions.
    var rows: Int
    /// The other dimensions of the first input.
    var extent: Int
    /// The other dimensions of all further inputs.
    var furtherExtent: Int
    /// The second of four dimensions.
    var channels: Int
    /// Integers are below this.
    var integerLimit: Int

    init(_ rows: Int, _ extent: Int, further: Int? = nil, channels: Int? = nil, integerLimit: Int = 2) {
        self.rows = rows
        self.extent = extent
        furtherExtent = further ?? extent
        self.channels = channels ?? extent
        self.integerLimit = integerLimit
    }

    /// What is tried, in order, until the whole model takes it: small things first.
    ///
    /// Integers are 0 and 1 at first, since they may be masks, kinds and places in small tables.
    static let all: [TrialAttempt] = [
        .init(2, 8), .init(1, 8), .init(2, 32, channels: 3), .init(1, 64, channels: 3), .init(1, 64, channels: 1),
        .init(1, 64, further: 1), .init(1, 1), .init(1, 256, further: 1), .init(1, 512, further: 1),
        .init(1, 576, further: 1), .init(1, 224, channels: 3), .init(1, 512), .init(1, 320, channels: 3),
        .init(1, 640, channels: 3), .init(1, 16_000, further: 1),
    ]

    /// A shape for an input; `isFirst` says whether it is the model's first.
    func shape(of input: TensorSpecification, isFirst: Bool) -> [Int] {
        input.shape.enumerated().map { index, extent in
            if extent >= 0 { return extent }
            if index == 0 { return rows }
            if index == 1, input.shape.count == 4 { return channels }
            return isFirst ? self.extent : furtherExtent
        }
    }
}
