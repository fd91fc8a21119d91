/// Every experiment there is.
public enum ExperimentCatalog {
    /// All, in the order they are listed, run and shown in: a single epoch first, as the paper has it, then rolling horizon.
    public static var all: [any Experiment] { epoch + rolling }

    /// The one called `name`; nil where there is none.
    public static func experiment(named name: String) -> (any Experiment)? { all.first { $0.name == name } }
}
