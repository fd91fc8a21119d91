public import JSONCoding
import LoadScheduling
import ServingCore

extension InstancePlan: JSONWritable {
    /// Writes the instance in the plan format, so that reading it gives this instance again.
    ///
    /// A file says nothing of a server at work: of the state only the resident blocks are written.
    public func write(to writer: inout JSONWriter) {
        let server = problem.server
        writer.object { writer in
            writer.member("version", 1)
            writer.member("reuse", server.reuse.rawValue)
            writer.member("overlap", server.overlap)
            if server.shares != .constant { writer.member("shares", server.shares.rawValue) }
            writer.member("memory_bytes", server.memoryBytes)
            writer.member("uplink_hz", orNull: server.uplink.rawValue)
            writer.member("resident", problem.state.resident.indices.map { blockIDs[$0] })
            writer.member("seed", seed)
            writeBlocks(to: &writer)
            writeModels(to: &writer)
            writer.key("requests")
            writer.array { writer in
                for index in problem.requests.indices { writeRequest(index, to: &writer) }
            }
        }
    }

    private func writeBlocks(to writer: inout JSONWriter) {
        writer.key("blocks")
        writer.object { writer in
            for (id, block) in zip(blockIDs, problem.server.blocks) {
                writer.key(id)
                writer.object { writer in
                    writer.member("bytes", block.bytes)
                    writer.member("load_s", orNull: block.loadSeconds)
                }
            }
        }
    }

    private func writeModels(to writer: inout JSONWriter) {
        writer.key("models")
        writer.object { writer in
            for (id, model) in zip(modelIDs, problem.server.models) {
                writer.key(id)
                writer.object { writer in
                    writer.member("blocks", model.blocks.map { blockIDs[$0] })
                    writer.member("infer_base_s", orNull: model.baseSeconds)
                    writer.member("infer_per_item_s", orNull: model.itemSeconds)
                }
            }
        }
    }

    private func writeRequest(_ index: Int, to writer: inout JSONWriter) {
        let request = problem.requests[index]
        writer.object { writer in
            writer.member("id", requestIDs[index])
            writer.member("model", modelIDs[request.model])
            writer.member("bits", orNull: request.bits)
            writer.member("bits_per_hz", orNull: request.efficiency)
            writer.member("deadline_s", orNull: request.deadline)
            if request.weight != 1 { writer.member("weight", orNull: request.weight) }
        }
    }
}
