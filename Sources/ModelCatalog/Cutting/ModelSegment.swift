/// A part of a flow graph, by the values it hands on.
///
/// What it consists of follows: everything they depend on, up to values that other segments hand on.
struct ModelSegment: Equatable {
    /// What it hands on: values that cross cuts in the order of the flow, then model outputs in the model's order.
    var outputs: [String]
}
