public import Foundation
import ServingCore

extension CostModel {
    /// The members of a calibration file.
    private struct File: Decodable {
        var source: String
        var load_seconds_per_block: Double
        var load_bytes_per_second: Double
        var batch_seconds_per_block: Double
        var operations_per_second: Double
    }

    /// Reads a calibration: one JSON object with `source`, `load_seconds_per_block`, `load_bytes_per_second`,
    /// `batch_seconds_per_block` and `operations_per_second` (multiply-accumulates).
    ///
    /// Throws `invalidField` naming the member at fault.
    public init(parsing data: Data) throws {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: data)
        } catch DecodingError.keyNotFound(let key, _) {
            throw ServingError(.invalidField, "it is missing", field: key.stringValue)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw ServingError(.invalidField, "expected another type", field: field.isEmpty ? "calibration" : field)
        } catch {
            throw ServingError(.invalidField, "it is not JSON", field: "calibration")
        }
        for (field, value, least) in [
            ("load_seconds_per_block", file.load_seconds_per_block, 0.0),
            ("load_bytes_per_second", file.load_bytes_per_second, 1),
            ("batch_seconds_per_block", file.batch_seconds_per_block, 0),
            ("operations_per_second", file.operations_per_second, 1),
        ] where !(value.isFinite && value >= least) {
            throw ServingError(.invalidField, "expected a number of at least \(least), found \(value)", field: field)
        }
        self.init(
            source: file.source,
            loadSecondsPerBlock: file.load_seconds_per_block,
            loadBytesPerSecond: file.load_bytes_per_second,
            batchSecondsPerBlock: file.batch_seconds_per_block,
            operationsPerSecond: file.operations_per_second
        )
    }
}
