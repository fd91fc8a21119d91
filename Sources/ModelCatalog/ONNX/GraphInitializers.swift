/// The initialisers of one graph by name, dense ones and sparse ones.
struct GraphInitializers {
    private let dense: [String: Onnx_TensorProto]
    private let sparse: [String: Onnx_SparseTensorProto]

    /// Those of `graph`.
    init(_ graph: Onnx_GraphProto) {
        dense = Dictionary(graph.initializer.map { ($0.name, $0) }) { first, _ in first }
        sparse = Dictionary(graph.sparseInitializer.map { ($0.values.name, $0) }) { first, _ in first }
    }

    /// Those of `graph` and `constants`; throws where a name stands for two, or is in `taken` already.
    init(_ graph: Onnx_GraphProto, constants: [Onnx_TensorProto], besides taken: [String: Int]) throws(CatalogError) {
        var dense: [String: Onnx_TensorProto] = [:]
        for tensor in graph.initializer + constants {
            guard taken[tensor.name] == nil, dense.updateValue(tensor, forKey: tensor.name) == nil else {
                throw CatalogError(.invalidModel, "value '\(tensor.name)' is defined twice")
            }
        }
        var sparse: [String: Onnx_SparseTensorProto] = [:]
        for tensor in graph.sparseInitializer {
            let name = tensor.values.name
            guard taken[name] == nil, dense[name] == nil, sparse.updateValue(tensor, forKey: name) == nil else {
                throw CatalogError(.invalidModel, "value '\(name)' is defined twice")
            }
        }
        (self.dense, self.sparse) = (dense, sparse)
    }

    /// Whether there is one of that name.
    func contains(_ name: String) -> Bool { dense[name] != nil || sparse[name] != nil }

    /// How many dimensions the one of that name has; nil where there is none.
    func rank(of name: String) -> Int? { dense[name]?.dims.count ?? sparse[name]?.dims.count }

    /// The dense one of that name; nil where there is none.
    func tensor(named name: String) -> Onnx_TensorProto? { dense[name] }

    /// Adds the one called `original`, in canonical form under its new name; nothing where there is none.
    func append(_ original: String, named name: String, to graph: inout Onnx_GraphProto) throws(CatalogError) {
        if var tensor = try dense[original]?.dense() {
            tensor.name = name
            graph.initializer.append(tensor)
        } else if let tensor = try sparse[original]?.canonical(named: name) {
            graph.sparseInitializer.append(tensor)
        }
    }
}

extension Onnx_SparseTensorProto {
    /// The tensor with its parts in their one canonical form; its name stands at its values.
    func canonical(named name: String) throws(CatalogError) -> Onnx_SparseTensorProto {
        var result = Onnx_SparseTensorProto()
        result.dims = dims
        result.values = try values.dense()
        if !name.isEmpty { result.values.name = name }
        result.indices = try indices.dense()
        return result
    }
}
