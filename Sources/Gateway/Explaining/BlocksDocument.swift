internal import Dispatching
internal import JSONCoding
internal import ModelServing
internal import ServingCore

/// The answer to `GET /v1/blocks`: every parameter block of the catalog, and the memory they share.
struct BlocksDocument: JSONWritable {
    private let snapshot: GatewaySnapshot
    /// The models that use each block, in the catalog's order.
    private let users: [BlockID: [ModelID]]
    private let blocks: [BlockView]

    init(_ snapshot: GatewaySnapshot) {
        self.snapshot = snapshot
        var users: [BlockID: [ModelID]] = [:]
        for model in snapshot.catalog.records.map(\.model) {
            for block in model.blocks { users[block.id, default: []].append(model.id) }
        }
        self.users = users
        // Blocks of models that left the catalog are of interest only while they take memory.
        blocks = snapshot.dispatcher.blocks
            .filter { users[$0.block.id] != nil || snapshot.residency.entries[$0.block.id] != nil }
            .sorted { ($0.block.size, $1.block.id.hash) > ($1.block.size, $0.block.id.hash) }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("used_bytes", snapshot.residency.used.rawValue)
            writer.member("limit_bytes", snapshot.residency.limit.rawValue)
            writer.key("blocks")
            writer.array { writer in
                for block in blocks { write(block, to: &writer) }
            }
        }
    }

    private func write(_ view: BlockView, to writer: inout JSONWriter) {
        let (id, residency) = (view.block.id, snapshot.residency)
        let entry = residency.entries[id]
        writer.object { writer in
            writer.member("block", id.hash)
            writer.member("bytes", (entry?.block.size ?? view.block.size).rawValue)
            writer.member("state", entry?.state.rawValue ?? "absent")
            writer.member("pinned", view.isPinned)
            writer.member("in_use", (entry?.pins ?? 0) > 0)
            writer.member("models", users[id, default: []].map(\.description))
            writer.member("hits", residency.hitsByBlock[id] ?? 0)
            writer.member("loads", residency.loadsByBlock[id] ?? 0)
            writer.member("load_estimate_ms", milliseconds: view.loadEstimate)
        }
    }
}
