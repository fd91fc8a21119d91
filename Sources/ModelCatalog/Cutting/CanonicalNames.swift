/// The names that values have in a canonical block, given out in the order of first use.
struct CanonicalNames {
    private var names: [String: String] = [:]
    private var innerCount = 0
    /// The inputs' own names, in the block's order.
    private(set) var inputs: [String] = []
    /// The weights' own names, in the block's order.
    private(set) var weights: [String] = []

    /// The local functions of the model, which have names of their own.
    let functions: FunctionLibrary

    /// Names the block's outputs.
    init(outputs: [String], functions: FunctionLibrary) {
        self.functions = functions
        for (index, name) in outputs.enumerated() { names[name] = "o\(index)" }
    }

    /// The canonical name of a value; the empty name of an optional that is left out stays empty.
    subscript(_ name: String) -> String { names[name] ?? "" }

    /// Names an input of the block, unless it has a name.
    mutating func addInput(_ name: String) {
        guard names[name] == nil else { return }
        names[name] = "i\(inputs.count)"
        inputs.append(name)
    }

    /// Names an initialiser of the block, unless it has a name.
    mutating func addWeight(_ name: String) {
        guard names[name] == nil else { return }
        names[name] = "w\(weights.count)"
        weights.append(name)
    }

    /// Names any other value, unless it has a name or is left out.
    mutating func addInner(_ name: String) {
        guard !name.isEmpty, names[name] == nil else { return }
        names[name] = freshName()
    }

    /// Calls `body` with the names of a subgraph, in which `locals` mean something of their own.
    mutating func inScope<Result>(
        of locals: [String],
        _ body: (inout CanonicalNames) throws(CatalogError) -> Result
    ) throws(CatalogError) -> Result {
        let outer = names
        defer { names = outer }
        for local in locals where !local.isEmpty { names[local] = freshName() }
        return try body(&self)
    }

    private mutating func freshName() -> String {
        defer { innerCount += 1 }
        return "v\(innerCount)"
    }
}
