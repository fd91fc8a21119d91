/// What plays a trace: a policy, and the configuration that goes with it.
struct Contender: Equatable {
    /// What it is called on the command line and in tables.
    let name: String
    /// `scheduling.policy`.
    let policy: String
    /// Further keys of the gateway's configuration.
    let keys: [String]

    /// Model servers as they are configured unless somebody changes it: what has expired in the queue is run all the same.
    ///
    /// Triton ignores timeouts unless a model's queue policy allows them, ModelMesh's cache has none, TorchServe drops what has
    /// expired only where its clients say when that is. `lru` is what they reach with that set as well as it can be.
    static let lruDefault = "lru-default"

    init(_ name: String) {
        self.name = name
        policy = name == Self.lruDefault ? "lru" : name
        keys = name == Self.lruDefault ? ["scheduling.run_expired=true"] : []
    }
}
