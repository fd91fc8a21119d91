public import ModelCatalog

extension GatewayConfiguration {
    /// The block store, which has to be there: only `gateway import` makes one.
    ///
    /// - Throws: ``ConfigurationError`` that names the key `store`.
    public func existingStore() throws(ConfigurationError) -> BlockStore {
        do throws(CatalogError) {
            let found = try BlockStore(directory: store)
            try found.requireExisting()
            return found
        } catch {
            throw ConfigurationError(key: "store", problem: error.message)
        }
    }
}
