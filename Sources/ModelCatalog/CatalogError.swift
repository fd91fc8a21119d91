public import ServingCore

/// What went wrong with a model file or with the block store.
///
/// Everything public in this target throws it; ``BlockStore/servingError(_:)`` is its form towards clients.
public struct CatalogError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of error.
    public enum Code: String, CaseIterable, Hashable, Sendable {
        /// The model's name or version is not acceptable.
        case invalidName
        /// The file cannot be read: missing, not a regular file, too large.
        case unreadableFile
        /// The file is not an ONNX model, or contradicts itself.
        case invalidModel
        /// The file is an ONNX model of a kind that is not taken.
        case unsupportedModel
        /// This version of this name exists with other content.
        case versionExists
        /// The store has no such model.
        case unknownModel
        /// A file of the store is missing or is not what was written.
        case damagedStore
        /// The file system refused a step.
        case storageFailed
        /// Another process held the store's lock for longer than was waited.
        case busyStore
    }

    /// What went wrong, for programs.
    public var code: Code
    /// What went wrong, in one sentence for people.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The error of a name that no model can have.
    public static func invalidName(_ name: String) -> CatalogError {
        let rule =
            name == "stats"
            ? "that is a path of the protocol" : "1 to 64 of letters, digits, '.', '_' and '-', not beginning with '.'"
        return CatalogError(.invalidName, "'\(name.prefix(100))' is not a model name: \(rule)")
    }

    /// The message.
    public var description: String { message }

    /// Whether what the operator gave is at fault (exit status 2) and not the machine or the store (exit status 1).
    public var isInputFault: Bool {
        switch code {
        case .invalidName, .unreadableFile, .invalidModel, .unsupportedModel, .versionExists, .unknownModel: true
        case .damagedStore, .storageFailed, .busyStore: false
        }
    }

}

extension BlockStore {
    /// What a client of the gateway is told where a model it asks for cannot be had; paths in it begin inside the store.
    public func servingError(_ error: CatalogError) -> ServingError {
        ServingError(.modelUnavailable, withoutDirectory(error.message))
    }

    /// `text` without the folder of the store: clients have no business knowing where on this machine it lies.
    public func withoutDirectory(_ text: String) -> String {
        text.replacing("\(directory)/", with: "")
    }
}
