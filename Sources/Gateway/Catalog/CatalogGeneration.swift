internal import Dispatching
internal import ModelCatalog
internal import ServingCore

/// Everything that is served after one reading of the store; the next reading makes another, with a higher number.
struct CatalogGeneration: Sendable {
    /// Which reading it is; 0 before the first.
    var id: UInt64 = 0
    /// The models that can be run, as they are loaded.
    var records: [ModelID: ModelRecord] = [:]
    /// The same for the dispatcher, with what was measured of them.
    var dispatch = DispatchCatalog()
    /// Each model that can be run as it is stored.
    var entries: [ModelID: CatalogEntry] = [:]
    /// What is wrong with the files of models, those of ``records`` included.
    var problems: [ModelID: StoreProblem] = [:]

    /// Whether requests and operators see the same in both.
    func isEqual(to other: CatalogGeneration) -> Bool {
        problems == other.problems && records.mapValues(\.form) == other.records.mapValues(\.form)
    }
}
