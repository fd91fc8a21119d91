import ServingCore

/// Whether requests for a model may stand side by side in one batch.
///
/// First the graph is looked at, then the model is run where that is wanted. What neither shows to be independent is
/// run one by one: no answer may depend on who else asks.
struct RowIndependence {
    private let state: RowState

    /// Looks at the graph of `model`.
    init(of model: ONNXModel) throws(CatalogError) {
        state = try RowAnalysis.state(of: model)
    }

    /// The most seconds that one run of the largest batch may take, where a trial can tell anything: nil where rows are
    /// mixed anyway. What is proved is tried only where that is quick.
    var trialSeconds: Double? {
        switch state {
        case .mixed: nil
        case .rows: 1
        default: 60
        }
    }

    /// Why requests are run one by one; nil where they need not be. `found` is what a trial showed, nil where none was made.
    func reason(_ found: RowTrial.Result?) -> String? {
        if case .mixed(let reason) = state { return reason }
        switch (state, found) {
        case (_, .mixed(let how)): return how
        case (_, .independent), (.rows, _): return nil
        case (.unknown(let reason), .impossible(let why)): return "\(reason), and it could not be tried: \(why)"
        case (.unknown(let reason), nil): return "\(reason), and it was not tried"
        default: return "it was not found out"
        }
    }
}
