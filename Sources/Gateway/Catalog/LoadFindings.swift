internal import Dispatching
internal import ServingCore

/// What loading blocks showed of them: which could not be loaded, and what the others take in memory.
struct LoadFindings: Equatable, Sendable {
    /// Why blocks could not be loaded when they were tried last.
    private(set) var failures: [BlockID: ServingError] = [:]
    /// What blocks turned out to take.
    private(set) var sizes: [BlockID: ByteCount] = [:]

    /// Takes in what became of some blocks; says whether that changed anything.
    mutating func note(_ outcomes: [BlockID: LoadResult.Outcome]) -> Bool {
        var hasChanged = false
        for (block, outcome) in outcomes {
            switch outcome {
            case .loaded(_, let size):
                hasChanged = failures.removeValue(forKey: block) != nil || hasChanged
                if let size { hasChanged = note(size, of: block) || hasChanged }
            case .tooLarge(let size):
                hasChanged = note(size, of: block) || hasChanged
            case .failed(let error):
                // Room may come; a file does not get better by waiting.
                guard error.code != .memoryUnavailable, failures[block] != error else { continue }
                failures[block] = error
                hasChanged = true
            }
        }
        return hasChanged
    }

    /// Forgets that loads of `blocks` failed; says whether any had.
    mutating func forgive(_ blocks: [BlockID]) -> Bool {
        let before = failures.count
        for block in blocks { failures[block] = nil }
        return failures.count < before
    }

    /// Forgets all blocks but `blocks`.
    mutating func keep(only blocks: Set<BlockID>) {
        failures = failures.filter { blocks.contains($0.key) }
        sizes = sizes.filter { blocks.contains($0.key) }
    }

    private mutating func note(_ size: ByteCount, of block: BlockID) -> Bool {
        defer { sizes[block] = size }
        return sizes[block] != size
    }
}
