public import ServingCore

/// What was found in a store.
public struct CatalogListing: Hashable, Sendable {
    /// The models that can be served, by name and version.
    public var entries: [CatalogEntry]
    /// What is wrong with the others, by name and version.
    public var problems: [ModelID: CatalogError]

    /// Makes a listing.
    public init(entries: [CatalogEntry], problems: [ModelID: CatalogError]) {
        self.entries = entries
        self.problems = problems
    }

    /// For each block, the models that use it, by name and version.
    public var blockUse: [BlockID: [ModelID]] {
        var use: [BlockID: [ModelID]] = [:]
        for entry in entries {
            for block in entry.model.blocks { use[block.id, default: []].append(entry.model.id) }
        }
        return use
    }
}
