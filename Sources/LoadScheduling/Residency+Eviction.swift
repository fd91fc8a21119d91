extension Residency {
    /// Evicts for batch `index` until `needed` more bytes fit: the block whose next use lies furthest away goes first, and
    /// among those never used again the one least worth keeping. Blocks of batches from `protected` on and pinned ones stay.
    mutating func makeRoom(_ needed: Int, for index: Int, protecting protected: Int, on server: EdgeServer) {
        firstUnusing = firstNoted
        uses.advance(to: index, of: &sequence, partCount: table.count)
        release(until: protected)
        let limit = server.memoryBytes - needed
        while bytes > limit, let first = queue.unneeded { evict(first, limit) }
        while bytes > limit, let use = queue.furthestUse(after: index) { evict(nextUsedBy: use, protected, limit) }
    }

    /// Evicts the first blocks of a part never used again, as far as none of another part goes before them.
    private mutating func evict(_ first: EvictionQueue.Unneeded, _ limit: Int) {
        evict(first.part, run(of: first.part, before: queue.secondUnneeded?.member, limit))
        let isEmpty = away[first.part] == table.parts[first.part].size
        queue.replaceUnneeded(with: isEmpty ? nil : unneeded(first.part))
    }

    /// How many of a part's resident blocks are to go in a row until there is room or `other` goes first; at least one.
    private func run(of part: Int, before other: BlockParts.Member?, _ limit: Int) -> Int {
        let (start, end) = (table.parts[part].start + away[part], table.parts[part].end)
        let goal = bytes - limit + table.members[start].bytesBefore
        var place = start + 1
        while place < end, table.members[place].bytesBefore < goal {
            if let other, other.goes(before: table.members[place]) { break }
            place += 1
        }
        return place - start
    }

    private mutating func evict(_ part: Int, _ blocks: Int) {
        let before = residentBytes(part)
        let from = table.parts[part].start + away[part]
        change(part, by: blocks)
        bytes &-= before &- residentBytes(part)
        firstUnusing = max(firstUnusing, lastUse[part] - base + 1)
        if let last = evicted.indices.last, evicted[last].part == part, phases.last != evicted.count {
            evicted[last].blocks += blocks
        } else {
            evicted.append(PartChange(part: part, blocks: blocks))
            evictedFrom.append(from)
        }
    }

    private mutating func evict(nextUsedBy use: Int, _ protected: Int, _ limit: Int) {
        phases.append(evicted.count)
        var excess = bytes - limit
        scratch.removeAll(keepingCapacity: true)
        for place in sequence.range(use) {
            let part = sequence.parts[place]
            guard uses.next[part] == use, lastUse[part] < base + protected, isEvictable(part) else { continue }
            scratch.append(part)
            excess -= residentBytes(part)
        }
        // Where all of them must go, their order does not matter.
        guard excess < 0 else {
            for part in scratch { evict(part, table.parts[part].size - away[part]) }
            return queue.clear(use)
        }
        while bytes > limit, let (first, second) = firstOfScratch() {
            evict(first.part, run(of: first.part, before: second, limit))
        }
    }

    /// The blocks of ``scratch`` to go first, of two parts; nil where none is left.
    private func firstOfScratch() -> (EvictionQueue.Unneeded, BlockParts.Member?)? {
        var first: EvictionQueue.Unneeded?
        var second: EvictionQueue.Unneeded?
        for part in scratch where away[part] < table.parts[part].size {
            let candidate = unneeded(part)
            if let best = first, !candidate.goes(before: best) {
                if second.map({ candidate.goes(before: $0) }) ?? true { second = candidate }
            } else {
                (first, second) = (candidate, first)
            }
        }
        return first.map { ($0, second?.member) }
    }

    /// A part with its block that goes first.
    private func unneeded(_ part: Int) -> EvictionQueue.Unneeded {
        EvictionQueue.Unneeded(part: part, member: table.members[table.parts[part].start + away[part]])
    }

    /// Lets what batches before `protected` use be evicted, as far as no later batch up to the one at hand uses it.
    private mutating func release(until protected: Int) {
        guard let first = firstProtected else {
            firstProtected = protected
            queue.reset(batches: batchCount)
            for part in away.indices where lastUse[part] < base + protected && isEvictable(part) {
                let use = uses.next[part]
                if use == BlockSequence.never { queue.append(unneeded(part)) } else { queue.enter(nextUse: use) }
            }
            return queue.order()
        }
        guard first < protected else { return }
        firstProtected = protected
        if first < 0 { for part in table.executing where lastUse[part] == base - 1 { enter(part) } }
        for batch in max(first, 0)..<protected {
            for place in sequence.range(batch) where lastUse[sequence.parts[place]] == base + batch {
                enter(sequence.parts[place])
            }
        }
    }

    private func isEvictable(_ part: Int) -> Bool { away[part] < table.parts[part].size && !table.parts[part].isPinned }

    private mutating func enter(_ part: Int) {
        guard isEvictable(part) else { return }
        let use = uses.next[part]
        if use == BlockSequence.never { queue.enter(unneeded(part)) } else { queue.enter(nextUse: use) }
    }
}
