extension Onnx_GraphProto {
    /// Calls `visit` with every node, those of subgraphs included.
    func forEachNode(_ visit: (Onnx_NodeProto) throws(CatalogError) -> Void) throws(CatalogError) {
        for node in node {
            try visit(node)
            for subgraph in node.subgraphs { try subgraph.forEachNode(visit) }
        }
    }

    /// Calls `visit` with every tensor: initialisers, sparse ones too, and those in attributes, subgraphs included.
    func forEachTensor(_ visit: (Onnx_TensorProto) throws(CatalogError) -> Void) throws(CatalogError) {
        for tensor in initializer { try visit(tensor) }
        for sparse in sparseInitializer { try sparse.forEachTensor(visit) }
        for node in node {
            for attribute in node.attribute { try attribute.forEachTensor(visit) }
        }
    }

    /// What all tensors take in the file, in bytes.
    func parameterByteCount() throws(CatalogError) -> Int {
        var sum = 0
        try forEachTensor { tensor throws(CatalogError) in sum += tensor.storedByteCount }
        return sum
    }
}

extension Onnx_AttributeProto {
    /// The graphs in the attribute, as control flow has them.
    var subgraphs: [Onnx_GraphProto] { (hasG ? [g] : []) + graphs }

    /// Calls `visit` with every tensor of the attribute.
    func forEachTensor(_ visit: (Onnx_TensorProto) throws(CatalogError) -> Void) throws(CatalogError) {
        if hasT { try visit(t) }
        for tensor in tensors { try visit(tensor) }
        if hasSparseTensor { try sparseTensor.forEachTensor(visit) }
        for sparse in sparseTensors { try sparse.forEachTensor(visit) }
        for subgraph in subgraphs { try subgraph.forEachTensor(visit) }
    }
}

extension Onnx_SparseTensorProto {
    fileprivate func forEachTensor(
        _ visit: (Onnx_TensorProto) throws(CatalogError) -> Void
    ) throws(CatalogError) {
        try visit(values)
        try visit(indices)
    }
}
