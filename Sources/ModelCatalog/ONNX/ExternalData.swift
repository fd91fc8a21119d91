import FoundationEssentials

/// Puts the weights that lie in other files in their places in a model.
///
/// The files are mapped into memory, not read: a weight takes memory only while it is looked at. Only regular files
/// inside the model's own folder count: no absolute paths, no `..`, no symbolic links on the way, no hard links.
struct ExternalData {
    /// What the weights found so far take, in bytes.
    private(set) var byteCount = 0
    private let folder: String?
    private var files: [String: MappedFile] = [:]

    /// Looks for files in `folder`; nil where no weight may lie in another file.
    init(folder: String?) {
        self.folder = folder
    }

    /// Puts all of a model's weights in their places.
    mutating func resolve(_ model: inout Onnx_ModelProto) throws(CatalogError) {
        try resolve(&model.graph)
        for index in model.functions.indices { try resolve(&model.functions[index].node) }
        for index in model.trainingInfo.indices {
            try resolve(&model.trainingInfo[index].initialization)
            try resolve(&model.trainingInfo[index].algorithm)
        }
    }

    private mutating func resolve(_ graph: inout Onnx_GraphProto) throws(CatalogError) {
        for index in graph.initializer.indices { try resolve(&graph.initializer[index]) }
        for index in graph.sparseInitializer.indices { try resolve(&graph.sparseInitializer[index]) }
        try resolve(&graph.node)
    }

    private mutating func resolve(_ nodes: inout [Onnx_NodeProto]) throws(CatalogError) {
        for node in nodes.indices {
            for index in nodes[node].attribute.indices { try resolve(&nodes[node].attribute[index]) }
        }
    }

    private mutating func resolve(_ attribute: inout Onnx_AttributeProto) throws(CatalogError) {
        if attribute.hasT { try resolve(&attribute.t) }
        if attribute.hasG { try resolve(&attribute.g) }
        if attribute.hasSparseTensor { try resolve(&attribute.sparseTensor) }
        for index in attribute.tensors.indices { try resolve(&attribute.tensors[index]) }
        for index in attribute.graphs.indices { try resolve(&attribute.graphs[index]) }
        for index in attribute.sparseTensors.indices { try resolve(&attribute.sparseTensors[index]) }
    }

    private mutating func resolve(_ tensor: inout Onnx_SparseTensorProto) throws(CatalogError) {
        try resolve(&tensor.values)
        try resolve(&tensor.indices)
    }

    private mutating func resolve(_ tensor: inout Onnx_TensorProto) throws(CatalogError) {
        guard tensor.isExternal else { return }
        guard tensor.dataLocation == .external else {
            throw CatalogError(.invalidModel, "tensor '\(tensor.name)' names another file, but does not lie there")
        }
        let place = try ExternalPlace(of: tensor)
        let file = try file(place.location, for: tensor.name)
        guard let bytes = file.bytes(at: place.offset, count: place.byteCount) else {
            throw CatalogError(
                .invalidModel,
                "tensor '\(tensor.name)' is said to lie at bytes \(place.offset)..+\(place.byteCount) of "
                    + "'\(place.location)', which has \(file.size)"
            )
        }
        byteCount += bytes.count
        tensor.rawData = bytes
        tensor.externalData = []
        tensor.clearDataLocation()
    }

    private mutating func file(_ location: String, for tensor: String) throws(CatalogError) -> MappedFile {
        if let file = files[location] { return file }
        guard let folder else {
            throw CatalogError(.unsupportedModel, "tensor '\(tensor)' lies in another file, which is not there")
        }
        do {
            let file = try MappedFile(location, in: folder)
            files[location] = file
            return file
        } catch {
            throw CatalogError(error.code, "tensor '\(tensor)': \(error.message)")
        }
    }
}

/// Where a tensor's bytes lie.
private struct ExternalPlace {
    /// The file, relative to the model's folder.
    let location: String
    /// The first byte.
    let offset: Int
    /// How many bytes there are.
    let byteCount: Int

    init(of tensor: Onnx_TensorProto) throws(CatalogError) {
        let entries = Dictionary(tensor.externalData.map { ($0.key, $0.value) }) { _, last in last }
        guard tensor.dataType != Int32(Onnx_TensorProto.DataType.string.rawValue) else {
            throw CatalogError(.invalidModel, "tensor '\(tensor.name)' holds strings, which cannot lie in another file")
        }
        let expected = try tensor.denseByteCount()
        location = entries["location"] ?? ""
        offset = try Self.number(entries["offset"] ?? "0", "offset", of: tensor)
        byteCount = try entries["length"].map { text throws(CatalogError) in
            try Self.number(text, "length", of: tensor)
        } ?? expected
        guard byteCount == expected else {
            throw CatalogError(
                .invalidModel,
                "tensor '\(tensor.name)' holds \(byteCount) bytes where its shape \(tensor.dims) says \(expected)"
            )
        }
    }

    private static func number(_ text: String, _ key: String, of tensor: Onnx_TensorProto) throws(CatalogError) -> Int {
        guard let number = Int(text), number >= 0 else {
            throw CatalogError(.invalidModel, "tensor '\(tensor.name)' has an impossible \(key) '\(text.prefix(40))'")
        }
        return number
    }
}
