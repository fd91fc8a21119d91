internal import Dispatching
internal import Logging
internal import ModelCatalog
internal import ServingCore

extension GatewayCore {
    /// Announces to `gateway gc` that a gateway serves from the store; nil where the store cannot be written to.
    static func takeLease(_ store: BlockStore, copies key: String?, _ logger: Logger) -> StoreLease? {
        do throws(CatalogError) {
            return try StoreLease(on: store, copies: key)
        } catch {
            logger.warning("gateway gc will not know what is served", metadata: ["problem": "\(error)"])
            return nil
        }
    }

    /// What the store holds; what is served of it is kept from collections from now on.
    static func readStore(
        _ store: BlockStore,
        _ lease: StoreLease?,
        _ logger: Logger
    ) throws(ServingError) -> CatalogListing {
        do throws(CatalogError) {
            let listing = try store.listing(keptBy: lease)
            for (model, problem) in listing.problems {
                logger.error("a model cannot be served", metadata: ["model": "\(model)", "problem": "\(problem)"])
            }
            return listing
        } catch {
            throw error.servingError
        }
    }

    /// The models of a listing as the policy loads them: neighbours that belong together joined, or each model whole;
    /// what was counted for them is kept.
    static func makeCatalog(
        _ listing: CatalogListing,
        _ store: BlockStore,
        _ units: UnitEngine,
        _ policy: SchedulingPolicy,
        keeping old: ServedCatalog,
        _ metrics: GatewayMetrics
    ) -> ServedCatalog {
        let original = listing.entries.map(\.model)
        let fused = store.fused(original, blocksLayouts: units.blocksLayouts)
        units.adopt(fused.units)
        if !policy.sharesBlocks { units.adopt(wholes: fused.models) }
        let models = policy.sharesBlocks ? fused.models : fused.models.map(\.whole)
        let calibration = units.calibrationKey.map { store.calibration(key: $0) } ?? Calibration()
        let shared = DispatchCatalog(fused.models, original: original, calibration)
        return ServedCatalog(
            records: models.map { model in
                guard let record = old[model.id] else {
                    return ModelRecord(model: model, account: metrics.account(named: model.id.name))
                }
                return record.model == model ? record : ModelRecord(model: model, continuing: record)
            },
            dispatch: policy.sharesBlocks ? shared : shared.whole
        )
    }
}
