import PlanFormat
import ServingCore

/// A small instance as text, with one part of it replaced.
enum InstanceText {
    static let valid = """
        {"version": 1, "reuse": "consecutive", "overlap": false, "memory_bytes": 100, "uplink_hz": 2e6, "seed": 7,
         "resident": ["r.base"],
         "blocks": {"r.base": {"bytes": 40, "load_s": 0.25}, "r.v0": {"bytes": 60, "load_s": 0.5},
                    "r.v1": {"bytes": 50, "load_s": 0.125}},
         "models": {"m-0": {"blocks": ["r.base", "r.v0"], "infer_base_s": 0.25, "infer_per_item_s": 0.125},
                    "m-1": {"blocks": ["r.base", "r.v1"], "infer_base_s": 0.5, "infer_per_item_s": 0.25}},
         "requests": [{"id": "u0", "model": "m-0", "bits": 1200000, "bits_per_hz": 4, "deadline_s": 2},
                      {"id": "u1", "model": "m-1", "bits": 800000, "bits_per_hz": 1, "deadline_s": 4, "weight": 2.5},
                      {"id": "u2", "model": "m-0", "bits": 5, "bits_per_hz": 5, "deadline_s": 0.5}]}
        """

    /// The valid instance with the first `old` replaced by `new`; empty where it has no `old`.
    static func replacing(_ old: String, by new: String) -> String {
        guard let range = valid.firstRange(of: old) else { return "" }
        return valid.replacingCharacters(in: range, with: new)
    }

    static func parse(_ text: some Sequence<UInt8>) throws -> InstancePlan {
        try Array(text).withUnsafeBytes { try InstancePlan(parsing: $0) }
    }

    static func parse(_ text: String) throws -> InstancePlan { try parse(text.utf8) }

    /// The error that reading `text` leads to; nil where it reads.
    static func error(of text: String) -> ServingError? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error as? ServingError
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}
