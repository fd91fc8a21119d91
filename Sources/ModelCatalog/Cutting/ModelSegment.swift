/// A part of a flow graph between cut points, by the names of the values at its edges.
struct ModelSegment: Equatable {
    /// The cut point it starts at; nil for the part that starts at the model's inputs.
    var entry: String?
    /// What it hands on: cut points in the order of the flow, then model outputs in the model's order.
    var outputs: [String]
}
