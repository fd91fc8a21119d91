import JSONCoding
import LoadScheduling
import ServingCore

/// Reads one instance from its parsed text and refuses whatever breaks the format.
struct InstanceReader {
    private typealias Request = SchedulingProblem.Request

    private let root: JSONValue
    private var blockIDs: [String] = []
    private var blockIndices: [String: Int] = [:]
    private var modelIDs: [String] = []
    private var modelIndices: [String: Int] = [:]
    private var requestIDs: [String] = []
    private var server = EdgeServer(memoryBytes: 0)

    init(root: JSONValue) {
        self.root = root
    }

    consuming func read() throws(ServingError) -> InstancePlan {
        try checkVersion()
        try readServer()
        try readBlocks()
        try readModels()
        let resident = try readResident()
        let requests = try readRequests()
        let seed = try root.optionalMember("seed")?.integer(in: 0...Int.max) ?? 0
        return InstancePlan(
            problem: SchedulingProblem(server: server, state: ServerState(resident: resident), requests: requests),
            blockIDs: blockIDs,
            modelIDs: modelIDs,
            requestIDs: requestIDs,
            seed: UInt64(seed)
        )
    }

    private func checkVersion() throws(ServingError) {
        let version = try root.member("version")
        guard try version.int64() == 1 else { throw version.error("this gateway reads version 1 of the plan format") }
    }

    private mutating func readServer() throws(ServingError) {
        server.reuse = try root.member("reuse").enumeration(EdgeServer.Reuse.self)
        server.overlap = try root.member("overlap").bool()
        server.shares = try root.optionalMember("shares")?.enumeration(EdgeServer.Shares.self) ?? .constant
        server.memoryBytes = try root.member("memory_bytes").bytes(from: 1)
        server.uplink = Hertz(try root.member("uplink_hz").positive(upTo: InstanceBounds.hertz))
    }

    private mutating func readBlocks() throws(ServingError) {
        for (id, value) in try root.member("blocks").members() {
            try value.expectID(id)
            guard blockIndices.updateValue(blockIDs.count, forKey: id) == nil else {
                throw value.error("the block id occurs twice")
            }
            blockIDs.append(id)
            server.blocks.append(
                EdgeServer.Block(
                    bytes: try value.member("bytes").bytes(from: 0),
                    loadSeconds: try value.member("load_s").nonnegative(upTo: InstanceBounds.seconds)
                )
            )
        }
    }

    private mutating func readModels() throws(ServingError) {
        for (id, value) in try root.member("models").members() {
            try value.expectID(id)
            guard modelIndices.updateValue(modelIDs.count, forKey: id) == nil else {
                throw value.error("the model id occurs twice")
            }
            modelIDs.append(id)
            server.models.append(try model(value))
        }
    }

    private func model(_ value: JSONValue) throws(ServingError) -> EdgeServer.Model {
        let chain = try value.member("blocks")
        var blocks: [Int] = []
        for element in try chain.elements() { blocks.append(try block(element)) }
        guard !blocks.isEmpty else { throw chain.error("a model has at least one block") }
        let model = EdgeServer.Model(
            blocks: blocks,
            baseSeconds: try value.member("infer_base_s").nonnegative(upTo: InstanceBounds.seconds),
            itemSeconds: try value.member("infer_per_item_s").nonnegative(upTo: InstanceBounds.seconds)
        )
        try expectFit(model.blocks, of: chain, "the model needs")
        return model
    }

    private func block(_ value: JSONValue) throws(ServingError) -> Int {
        let id = try value.string()
        guard let index = blockIndices[id] else { throw value.error("there is no block \"\(id.prefix(64))\"") }
        return index
    }

    /// Sums up only as far as memory goes, so that no sum overflows.
    private func expectFit(_ blocks: [Int], of value: JSONValue, _ words: String) throws(ServingError) {
        var sum = 0
        for block in blocks {
            sum += server.blocks[block].bytes
            guard sum <= server.memoryBytes else {
                throw value.error("\(words) at least \(sum) bytes, memory_bytes is \(server.memoryBytes)")
            }
        }
    }

    private func readResident() throws(ServingError) -> BlockSet {
        let value = try root.member("resident")
        var resident = BlockSet(capacity: server.blocks.count)
        for element in try value.elements() {
            guard resident.insert(try block(element)) else { throw element.error("the block occurs twice") }
        }
        try expectFit(resident.indices, of: value, "the resident blocks take")
        return resident
    }

    private mutating func readRequests() throws(ServingError) -> [Request] {
        let list = try root.member("requests").elements()
        var requests: [Request] = []
        var seen = Set<String>()
        requests.reserveCapacity(list.count)
        for value in list {
            let name = try value.member("id")
            let id = try name.string()
            try name.expectID(id)
            guard seen.insert(id).inserted else { throw name.error("the request id \"\(id.prefix(64))\" occurs twice") }
            requestIDs.append(id)
            requests.append(try request(value))
        }
        return requests
    }

    private func request(_ value: JSONValue) throws(ServingError) -> Request {
        let model = try value.member("model")
        let id = try model.string()
        guard let index = modelIndices[id] else { throw model.error("there is no model \"\(id.prefix(64))\"") }
        return Request(
            model: index,
            bits: try value.member("bits").positive(upTo: InstanceBounds.bits),
            efficiency: try value.member("bits_per_hz").positive(upTo: InstanceBounds.bitsPerHertz),
            deadline: try value.member("deadline_s").nonnegative(upTo: InstanceBounds.seconds),
            weight: try value.optionalMember("weight")?.positive(upTo: InstanceBounds.weight) ?? 1
        )
    }
}
