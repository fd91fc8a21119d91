/// The longest run of batches up to the one at hand whose blocks fit in memory together, beside what is pinned.
///
/// As batches finish in order, those that have not finished when a load starts are always the last few before it: the load waits
/// for the batch just before the run, whatever the times are. The run only ever moves forwards.
/// - Complexity: O(parts of the batches passed).
struct MemoryWindow: Sendable {
    /// The first batch of the run.
    private(set) var start = 0
    private var end = 0
    private var bytes = 0
    /// For each part, how many batches of the run (and the pin) need it.
    private var counts: [Int] = []
    private var hasBegun = false

    mutating func reset() { hasBegun = false }

    /// Moves on to batch `index`; false where it does not fit even alone.
    mutating func advance(
        to index: Int,
        of sequence: BlockSequence,
        _ table: [BlockParts.Part],
        pinned: [Int],
        memoryBytes: Int
    ) -> Bool {
        if !hasBegun { begin(at: index, sequence, table, pinned, memoryBytes) }
        while end <= index {
            add(sequence.range(end), sequence.parts, table)
            while bytes > memoryBytes, start < end { removeFirst(sequence, table) }
            end += 1
        }
        return bytes <= memoryBytes
    }

    /// Whether `parts` fit beside the run, too.
    func hasRoom(for parts: [Int], _ table: [BlockParts.Part], memoryBytes: Int) -> Bool {
        var needed = bytes
        for part in parts where counts[part] == 0 { needed &+= table[part].bytes }
        return needed <= memoryBytes
    }

    /// Finds the run that ends before batch `index`, going backwards.
    private mutating func begin(
        at index: Int,
        _ sequence: BlockSequence,
        _ table: [BlockParts.Part],
        _ pinned: [Int],
        _ memoryBytes: Int
    ) {
        hasBegun = true
        start = index
        end = index
        bytes = 0
        counts.removeAll(keepingCapacity: true)
        counts.append(contentsOf: repeatElement(0, count: table.count))
        for part in pinned {
            counts[part] = 1
            bytes &+= table[part].bytes
        }
        while start > 0 {
            start -= 1
            add(sequence.range(start), sequence.parts, table)
            if bytes > memoryBytes { return removeFirst(sequence, table) }
        }
    }

    private mutating func removeFirst(_ sequence: BlockSequence, _ table: [BlockParts.Part]) {
        remove(sequence.range(start), sequence.parts, table)
        start += 1
    }

    private mutating func add(_ range: Range<Int>, _ parts: [Int], _ table: [BlockParts.Part]) {
        var sum = bytes
        for place in range {
            let part = parts[place]
            if counts[part] == 0 { sum &+= table[part].bytes }
            counts[part] &+= 1
        }
        bytes = sum
    }

    private mutating func remove(_ range: Range<Int>, _ parts: [Int], _ table: [BlockParts.Part]) {
        var sum = bytes
        for place in range {
            let part = parts[place]
            counts[part] &-= 1
            if counts[part] == 0 { sum &-= table[part].bytes }
        }
        bytes = sum
    }
}
