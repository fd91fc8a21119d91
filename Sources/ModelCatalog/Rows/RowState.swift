/// What a value has to do with the rows of a batch: the places along the first dimension of a model's inputs.
enum RowState: Hashable {
    /// The same for every request.
    case constant
    /// Depends on the shapes of the inputs alone.
    case shape
    /// Row i along its first dimension depends on row i of the inputs and on no other; it has `rank` dimensions.
    case rows(rank: Int)
    /// Not known, and why.
    case unknown(String)
    /// Rows depend on each other, and where that comes from.
    case mixed(String)

    /// How many dimensions it has, where it has rows.
    var rank: Int? {
        if case .rows(let rank) = self { rank } else { nil }
    }
}
