import Crypto
import FoundationEssentials
public import ServingCore

/// What loading blocks and running models was measured to take, with one runtime on one kind of processor.
public struct Calibration: Codable, Hashable, Sendable {
    /// What one block or unit of blocks takes.
    public struct Load: Codable, Hashable, Sendable {
        /// From the first byte read to its being ready to run.
        public var seconds: Double
        /// What it holds in memory while nothing runs.
        public var bytes: Int
        /// Whether its matrices are to be repacked at each load, because runs gain more by it than loads lose.
        public var packs: Bool?

        /// Makes a measurement.
        public init(seconds: Double, bytes: Int, packs: Bool? = nil) {
            self.seconds = seconds
            self.bytes = bytes
            self.packs = packs
        }
    }

    /// What a batch of one model takes: `base + item * requests`.
    public struct Compute: Codable, Hashable, Sendable {
        /// Seconds of each batch.
        public var baseSeconds: Double
        /// Seconds each request adds.
        public var itemSeconds: Double

        /// Makes a measurement.
        public init(baseSeconds: Double, itemSeconds: Double) {
            self.baseSeconds = baseSeconds
            self.itemSeconds = itemSeconds
        }
    }

    /// By the hash of the block or unit; of a unit's members, their part of it by bytes.
    private var loads: [String: Load] = [:]
    /// By ``key(of:)``.
    private var computes: [String: Compute] = [:]

    /// How many batches at once served most; nil where that was not measured.
    public var lanes: Lanes?

    /// Nothing was measured.
    public init() {}

    /// What loading a block or unit takes.
    public subscript(load id: BlockID) -> Load? {
        get { loads[id.hash] }
        set { loads[id.hash] = newValue }
    }

    /// What running a model takes, given with the blocks it was cut into; whatever its name is.
    public subscript(compute model: ServableModel) -> Compute? {
        get { computes[Self.key(of: model)] }
        set { computes[Self.key(of: model)] = newValue }
    }

    /// Notes what a unit takes, and for those of its members that were never measured their part of it.
    public mutating func note(_ load: Load, of unit: LoadingUnit, sizes: [BlockID: ByteCount]) {
        self[load: unit.id] = load
        let total = unit.members.reduce(0) { $0 + (sizes[$1.block]?.rawValue ?? 0) }
        for member in unit.members where self[load: member.block] == nil && total > 0 {
            let part = Double(sizes[member.block]?.rawValue ?? 0) / Double(total)
            self[load: member.block] = Load(seconds: load.seconds * part, bytes: Int(Double(load.bytes) * part))
        }
    }

    private static func key(of model: ServableModel) -> String {
        let text = model.steps.map(\.block.id.hash).joined(separator: "\n")
        return SHA256.hash(data: Data(text.utf8)).hexadecimal
    }
}

extension BlockStore {
    /// What was measured under `key`, the engine's; nothing where there is no such file or it cannot be read.
    public func calibration(key: String) -> Calibration {
        Self.readCalibration(layout.calibration(key: key)) ?? Calibration()
    }

    /// What was measured last, under whatever key: for tables that no engine is opened for.
    public func latestCalibration() -> Calibration {
        let names = (try? Folder.names(in: layout.calibrations)) ?? []
        let dated = names.filter { $0.hasSuffix(".json") }.compactMap { name -> (String, Date)? in
            let path = "\(layout.calibrations)/\(name)"
            let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            return date.map { (path, $0) }
        }
        return dated.max { $0.1 < $1.1 }.flatMap { Self.readCalibration($0.0) } ?? Calibration()
    }

    /// Keeps what was measured under `key`, whole or not at all.
    ///
    /// Throws ``CatalogError`` of code `storageFailed`.
    public func store(_ calibration: Calibration, key: String) throws(CatalogError) {
        let data: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            data = try encoder.encode(calibration)
        } catch {
            throw CatalogError(.storageFailed, "the calibration cannot be written down: \(error)")
        }
        for folder in [layout.root, layout.temporary, layout.calibrations] { try writer.makeFolder(folder) }
        let lock = try StoreLock(layout.lock)
        defer { withExtendedLifetime(lock) {} }
        try writer.removeLeftovers()
        try writer.write(data, to: layout.calibration(key: key))
    }

    /// A thousand models of a hundred blocks have some 10 MB; more than this is none.
    private static let calibrationByteLimit = 64 << 20

    private static func readCalibration(_ path: String) -> Calibration? {
        guard let file = try? RegularFile(path, followsLinks: false),
            let data = try? file.read(atMost: calibrationByteLimit)
        else { return nil }
        return try? JSONDecoder().decode(Calibration.self, from: data)
    }
}

extension StoreLayout {
    /// Measurements, a file for each kind of engine, its number of threads and processor.
    fileprivate var calibrations: String { "\(root)/calibration" }

    fileprivate func calibration(key: String) -> String { "\(calibrations)/\(key).json" }
}
