import Dispatching
import JSONCoding
public import ServingCore

extension CalibrationFile {
    /// A thousand models of a hundred blocks have some 20 MB.
    private static let limits = JSONLimits(maximumBytes: 64 << 20, maximumNodes: 8_000_000)
    /// The most seconds, and the most bytes or operations, that are taken for an honest measurement.
    private static let (longest, most) = (1e6, 1e18)

    /// Reads what ``write(to:)`` writes.
    ///
    /// Throws `malformedJSON`, or `invalidField` naming the member at fault: `models[2].infer_base_s`.
    /// - Complexity: O(text).
    public init(parsing text: UnsafeRawBufferPointer) throws(ServingError) {
        let root = try JSONDocument(parsing: text, limits: Self.limits).root
        let version = try root.member("version")
        guard try version.int64() == 1 else { throw version.error("this gateway reads version 1 of the calibration") }
        costs = try Self.costs(root)
        contention = try root.member("contention").number(in: 0...100)
        if let measured = try root.optionalMember("variation") { variation = try Self.variation(measured) }
        orderSeconds = try root.optionalMember("load_order_s")?.number(in: 0...Self.longest) ?? 0
        if let measured = try root.optionalMember("lanes") {
            let count = try measured.member("count").integer(in: 1...1024)
            lanes = Lanes(count: count, slowdown: try measured.member("slowdown").number(in: 0...1024))
        }
        loadSeconds = [:]
        var sizes: [String: ByteCount] = [:]
        for (name, value) in try root.member("blocks").members() {
            loadSeconds[BlockID(name)] = try value.member("load_s").number(in: 0...Self.longest)
            sizes[name] = ByteCount(try value.member("bytes").integer(in: 0...Int(Self.most)))
        }
        models = []
        var names = Set<ModelID>()
        for value in try root.member("models").elements() {
            let model = try Self.model(value, sizes)
            guard names.insert(model.entry.id).inserted else { throw value.error("the model occurs twice") }
            models.append(model)
        }
    }

    private static func costs(_ root: JSONValue) throws(ServingError) -> CostModel {
        CostModel(
            source: try root.member("source").string(),
            loadSecondsPerBlock: try root.member("load_seconds_per_block").number(in: 0...longest),
            loadBytesPerSecond: try root.member("load_bytes_per_second").number(in: 1...most),
            batchSecondsPerBlock: try root.member("batch_seconds_per_block").number(in: 0...longest),
            operationsPerSecond: try root.member("operations_per_second").number(in: 1...most)
        )
    }

    private static func variation(_ value: JSONValue) throws(ServingError) -> WorkVariation {
        func quantiles(_ name: String) throws(ServingError) -> [Double] {
            var found: [Double] = []
            for element in try value.member(name).elements() { found.append(try element.number(in: 1e-3...1e6)) }
            return found
        }
        let variation = WorkVariation(
            loads: .init(alone: try quantiles("loads_alone"), beside: try quantiles("loads_beside")),
            batches: .init(alone: try quantiles("batches_alone"), beside: try quantiles("batches_beside"))
        )
        guard let variation else { throw value.error("each list needs a quantile") }
        return variation
    }

    private static func model(_ value: JSONValue, _ sizes: [String: ByteCount]) throws(ServingError) -> Model {
        let name = try value.member("name").string()
        guard ModelID.isValidName(name) else { throw value.error(member: "name", "this is no name of a model") }
        let version = try value.member("version").integer(in: 1...Int(Int32.max))
        var blocks: [ParameterBlock] = []
        for block in try value.member("blocks").elements() {
            let hash = try block.string()
            guard let size = sizes[hash] else { throw block.error("there is no such block in blocks") }
            blocks.append(ParameterBlock(id: BlockID(hash), size: size))
        }
        let compute = DispatchCatalog.Compute(
            baseSeconds: try value.member("infer_base_s").number(in: 0...longest),
            itemSeconds: try value.member("infer_per_item_s").number(in: 0...longest)
        )
        let entry = DispatchCatalog.Model(
            id: ModelID(name: name, version: version),
            blocks: blocks,
            isBatchable: try value.member("is_batchable").bool(),
            compute: compute
        )
        return Model(entry: entry, bodyBytes: try value.member("body_bytes").integer(in: 0...(1 << 30)))
    }
}
