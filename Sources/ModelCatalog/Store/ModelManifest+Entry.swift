import ServingCore

extension ModelManifest {
    /// The manifest of `model`, which came from a file with that checksum and size.
    init(_ entry: CatalogEntry) {
        let model = entry.model
        name = model.id.name
        version = model.id.version
        inputs = model.inputs.map(Value.init)
        outputs = model.outputs.map(Value.init)
        steps = model.steps.map { step in
            Step(
                block: step.block.id.hash,
                parameterBytes: step.block.size.rawValue,
                fileBytes: entry.fileSize(of: step.block.id).rawValue,
                inputSlots: step.inputSlots,
                outputSlots: step.outputSlots
            )
        }
        slotCount = model.slotCount
        outputSlots = model.outputSlots
        sourceSHA256 = entry.sourceSHA256
        sourceBytes = entry.sourceSize.rawValue
        fallback = entry.fallback
        mixedRows = entry.mixedRows
        refusesEmpty = model.refusesEmpty ? true : nil
    }

    /// The model the manifest describes; throws where it is not the one of `id` or contradicts itself.
    func entry(of id: ModelID) throws(CatalogError) -> CatalogEntry {
        guard name == id.name, version == id.version else { throw damaged("it is for \(name):\(version)") }
        guard sourceBytes >= 0 else { throw damaged("a size is negative") }
        var sizes: [BlockID: ByteCount] = [:]
        for step in steps {
            guard StoreLayout.isHash(step.block) else { throw damaged("'\(step.block)' is not a block's hash") }
            guard step.parameterBytes >= 0, step.fileBytes >= 0 else { throw damaged("a size is negative") }
            sizes[BlockID(step.block)] = ByteCount(step.fileBytes)
        }
        var model = ServableModel(
            id: id,
            inputs: try inputs.map { value throws(CatalogError) in try specification(of: value) },
            outputs: try outputs.map { value throws(CatalogError) in try specification(of: value) },
            steps: steps.map(\.blockStep),
            slotCount: slotCount,
            outputSlots: outputSlots,
            rowsAreIndependent: mixedRows == nil
        )
        model.refusesEmpty = refusesEmpty ?? false
        guard model.slotsAreConsistent else { throw damaged("its steps do not fit together") }
        return CatalogEntry(
            model: model,
            fileSizes: sizes,
            sourceSHA256: sourceSHA256,
            sourceSize: ByteCount(sourceBytes),
            fallback: fallback,
            mixedRows: mixedRows
        )
    }

    private func specification(of value: Value) throws(CatalogError) -> TensorSpecification {
        guard let datatype = TensorDatatype(rawValue: value.datatype), !value.name.isEmpty,
            value.shape.allSatisfy({ $0 >= -1 }), value.dimensions.map({ $0.count == value.shape.count }) ?? true
        else { throw damaged("'\(value.name)' is not described well") }
        return TensorSpecification(
            name: value.name,
            datatype: datatype,
            shape: value.shape,
            dimensionNames: value.dimensions ?? []
        )
    }

    private func damaged(_ reason: String) -> CatalogError { CatalogError(.damagedStore, reason) }
}

extension ModelManifest.Value {
    fileprivate init(_ specification: TensorSpecification) {
        self.init(
            name: specification.name,
            datatype: specification.datatype.rawValue,
            shape: specification.shape,
            dimensions: specification.dimensionNames.isEmpty ? nil : specification.dimensionNames
        )
    }
}

extension ModelManifest.Step {
    /// Manifests were once written without what attributes hold: where the file is mostly that, it says more.
    private var memorySize: ByteCount {
        let isMostlyAttributes = fileBytes >= 1 << 20 && fileBytes / 2 > parameterBytes
        return ByteCount(isMostlyAttributes ? fileBytes : parameterBytes)
    }

    fileprivate var blockStep: BlockStep {
        BlockStep(
            block: ParameterBlock(id: BlockID(block), size: memorySize),
            inputSlots: inputSlots,
            outputSlots: outputSlots
        )
    }
}

extension ServableModel {
    /// Whether every slot is filled exactly once, and before it is read.
    var slotsAreConsistent: Bool {
        guard slotCount >= inputs.count, !steps.isEmpty, outputSlots.count == outputs.count else { return false }
        var filled = Set(0..<inputs.count)
        for step in steps {
            guard step.inputSlots.allSatisfy(filled.contains), !step.outputSlots.isEmpty else { return false }
            for slot in step.outputSlots {
                guard (0..<slotCount).contains(slot), filled.insert(slot).inserted else { return false }
            }
        }
        return filled.count == slotCount && outputSlots.allSatisfy(filled.contains)
    }
}
