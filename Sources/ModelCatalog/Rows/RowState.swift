/// What a value has to do with the rows of a batch: the places along the first dimension of a model's inputs.
enum RowState: Hashable {
    /// The same for every request.
    case constant
    /// The same for all requests that may stand side by side: it depends on dimensions behind the first alone. A scalar or
    /// a vector of `count` elements, where that is known.
    case shape(count: Int?)
    /// Depends on how many rows there are; a scalar or a vector of `count` elements, where that is known.
    case sizes(RowCount, count: Int?)
    /// Row i along its first dimension depends on row i of the inputs and on no other; it has `rank` dimensions.
    case rows(rank: Int)
    /// Not known, and why.
    case unknown(String)
    /// Rows depend on each other or on how many there are, and where that comes from.
    case mixed(String)

    /// How a value depends on the number of rows.
    enum RowCount: Hashable {
        /// It is that number.
        case itself
        /// The first element is that number; the others do not depend on it.
        case first
        /// In another way.
        case somehow
    }

    /// How many dimensions it has, where it has rows.
    var rank: Int? {
        if case .rows(let rank) = self { rank } else { nil }
    }

    /// Whether it depends on how many rows there are.
    var isSize: Bool {
        if case .sizes = self { true } else { false }
    }

    /// Whether it is the same for all requests that may stand side by side.
    var isFixed: Bool {
        switch self {
        case .constant, .shape: true
        default: false
        }
    }
}
