public import JSONCoding

extension ModelStatistics {
    /// Writes one element of `model_stats`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("version", String(version))
            writer.member("last_inference", lastInference)
            writer.member("inference_count", inferenceCount)
            writer.member("execution_count", executionCount)
            writer.key("inference_stats")
            writeTallies(to: &writer)
            writer.member("batch_stats", batches)
            writer.member("memory_usage", memory)
        }
    }

    private func writeTallies(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("success", success)
            writer.member("fail", fail)
            writer.member("queue", queue)
            writer.member("compute_input", computeInput)
            writer.member("compute_infer", computeInfer)
            writer.member("compute_output", computeOutput)
            // There is no response cache, so nothing was ever looked up in it.
            writer.member("cache_hit", Tally())
            writer.member("cache_miss", Tally())
        }
    }
}

extension ModelStatistics.Tally: JSONWritable {
    /// Writes `{"count","ns"}`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("count", count)
            writer.member("ns", nanoseconds)
        }
    }
}

extension ModelStatistics.Batch: JSONWritable {
    /// Writes one element of `batch_stats`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("batch_size", size)
            writer.member("compute_input", computeInput)
            writer.member("compute_infer", computeInfer)
            writer.member("compute_output", computeOutput)
        }
    }
}

extension ModelStatistics.Memory: JSONWritable {
    /// Writes one element of `memory_usage`.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", type)
            writer.member("id", device)
            writer.member("byte_size", byteCount)
        }
    }
}
