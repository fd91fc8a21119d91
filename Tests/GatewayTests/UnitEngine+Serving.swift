import Logging
import ModelCatalog
import ModelServing
import ServingCore

@testable import Gateway

extension UnitEngine {
    /// The engine as a gateway has it for a store, and the store's models as it serves them.
    static func serving(
        _ store: BlockStore,
        _ engine: any InferenceEngine
    ) throws -> (units: UnitEngine, models: [ServableModel]) {
        let units = UnitEngine(
            engine: engine,
            store: store,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let fused = store.fused(try store.models().map(\.model), blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        return (units, fused.models)
    }
}
