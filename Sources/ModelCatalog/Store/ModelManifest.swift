import Crypto
import FoundationEssentials
import ServingCore

/// What the store keeps of a model beside its blocks, as JSON.
struct ModelManifest: Codable, Hashable, Sendable {
    /// One input or output.
    struct Value: Codable, Hashable, Sendable {
        var name: String
        var datatype: String
        var shape: [Int]
        /// The dimensions' names; left out where there are none, as in every manifest before there was this.
        var dimensions: [String]?
    }

    /// One block at work.
    struct Step: Codable, Hashable, Sendable {
        var block: String
        var parameterBytes: Int
        var fileBytes: Int
        var inputSlots: [Int]
        var outputSlots: [Int]
    }

    var name: String
    var version: Int
    var inputs: [Value]
    var outputs: [Value]
    var steps: [Step]
    var slotCount: Int
    var outputSlots: [Int]
    var sourceSHA256: String
    var sourceBytes: Int
    var fallback: String?
    /// Left out where there is nothing to say, as in every manifest before there was this.
    var mixedRows: String?
    /// Left out unless true, likewise.
    var refusesEmpty: Bool?

    /// The format this version writes, and the only one it reads.
    static let formatVersion = 1

    /// The file as it is stored: the manifest and its checksum.
    private struct Envelope: Codable {
        var formatVersion: Int
        var sha256: String
        var model: ModelManifest
    }

    private struct Header: Codable {
        var formatVersion: Int
    }

    /// Reads a stored manifest; throws where it is not JSON of this format or was changed after it was written.
    init(stored data: Data) throws(CatalogError) {
        let envelope: Envelope
        do {
            let header = try JSONDecoder().decode(Header.self, from: data)
            guard header.formatVersion == Self.formatVersion else {
                throw CatalogError(.damagedStore, "format \(header.formatVersion) is not known")
            }
            envelope = try JSONDecoder().decode(Envelope.self, from: data)
        } catch let error as CatalogError {
            throw error
        } catch {
            throw CatalogError(.damagedStore, "the manifest is not JSON of the form it was written in")
        }
        guard try envelope.model.checksum() == envelope.sha256 else {
            throw CatalogError(.damagedStore, "the checksum does not match")
        }
        self = envelope.model
    }

    /// The manifest as it is stored.
    func stored() throws(CatalogError) -> Data {
        let envelope = Envelope(formatVersion: Self.formatVersion, sha256: try checksum(), model: self)
        return try Self.encode(envelope, [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes])
    }

    private func checksum() throws(CatalogError) -> String {
        SHA256.hash(data: try Self.encode(self, [.sortedKeys, .withoutEscapingSlashes])).hexadecimal
    }

    private static func encode(
        _ value: some Encodable,
        _ formatting: JSONEncoder.OutputFormatting
    ) throws(CatalogError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        do {
            return try encoder.encode(value)
        } catch {
            throw CatalogError(.storageFailed, "the manifest cannot be written down: \(error)")
        }
    }
}
