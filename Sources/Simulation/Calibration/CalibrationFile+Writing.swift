import Dispatching
public import JSONCoding
import ServingCore

extension CalibrationFile: JSONWritable {
    /// Writes the file's object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("version", 1)
            writer.member("source", costs.source)
            writer.member("load_seconds_per_block", orNull: costs.loadSecondsPerBlock)
            writer.member("load_bytes_per_second", orNull: costs.loadBytesPerSecond)
            writer.member("batch_seconds_per_block", orNull: costs.batchSecondsPerBlock)
            writer.member("operations_per_second", orNull: costs.operationsPerSecond)
            writer.member("contention", orNull: contention)
            writer.member("load_order_s", orNull: orderSeconds)
            if let lanes {
                writer.key("lanes")
                writer.object { writer in
                    writer.member("count", lanes.count)
                    writer.member("slowdown", orNull: lanes.slowdown)
                }
            }
            if let variation {
                writer.key("variation")
                writer.object { writer in
                    Self.write(variation.loads, "loads", to: &writer)
                    Self.write(variation.batches, "batches", to: &writer)
                }
            }
            writer.key("blocks")
            writer.object { writeBlocks(to: &$0) }
            writer.member("models", models)
        }
    }

    private static func write(_ ratios: WorkVariation.Ratios, _ name: String, to writer: inout JSONWriter) {
        for (place, quantiles) in [("alone", ratios.alone), ("beside", ratios.beside)] {
            writer.key("\(name)_\(place)")
            writer.array { writer in
                for quantile in quantiles { writer.numberOrNull(quantile) }
            }
        }
    }

    private func writeBlocks(to writer: inout JSONWriter) {
        var sizes: [BlockID: ByteCount] = [:]
        for block in models.lazy.flatMap(\.entry.blocks) { sizes[block.id] = block.size }
        for (id, size) in sizes.sorted(by: { $0.key < $1.key }) {
            writer.key(id.hash)
            writer.object { writer in
                writer.member("bytes", size.rawValue)
                writer.member("load_s", orNull: loadSeconds[id] ?? 0)
            }
        }
    }
}

extension CalibrationFile.Model: JSONWritable {
    /// Writes the model's object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", entry.id.name)
            writer.member("version", entry.id.version)
            writer.member("blocks", entry.blocks.map(\.id.hash))
            writer.member("is_batchable", entry.isBatchable)
            writer.member("infer_base_s", orNull: entry.compute?.baseSeconds ?? 0)
            writer.member("infer_per_item_s", orNull: entry.compute?.itemSeconds ?? 0)
            writer.member("body_bytes", bodyBytes)
        }
    }
}
