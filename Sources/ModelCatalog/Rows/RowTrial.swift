import ServingCore

/// Runs different items by themselves and side by side, and looks whether each gives the same.
struct RowTrial {
    /// Runs the model.
    let engine: any TrialEngine
    /// The most requests that will stand side by side.
    var largestBatch = TrialOrder.defaultLargestBatch
    /// The most rows that will stand side by side, where requests have several: tried only where that is cheap.
    var largestRows = TrialOrder.defaultLargestBatch
    /// The most seconds that one run of the largest batch may take, as far as smaller ones tell.
    var limit = Duration.seconds(60)
    /// Tells the time.
    var clock: () -> MonotonicInstant = { SystemMonotonicClock.now() }

    /// What the runs showed.
    enum Result: Codable, Equatable, Sendable {
        /// Each item gave what it gives by itself.
        case independent
        /// It did not, and how.
        case mixed(String)
        /// The model takes none of the generated inputs, and why.
        case impossible(String)
    }

    /// Tries the model in `file`, which takes `inputs`, all of whose first dimensions vary.
    func result(of file: String, inputs: [TensorSpecification]) -> Result {
        do throws(ServingError) {
            let model = try engine.load(file)
            return result(of: model, inputs)
        } catch {
            return .impossible(error.message)
        }
    }

    private func result(of model: any TrialModel, _ inputs: [TensorSpecification]) -> Result {
        var reason = "each would be too large"
        for attempt in TrialAttempt.all {
            do throws(ServingError) {
                for limit in [100, 10, 4, attempt.integerLimit] {
                    guard let items = items(for: inputs, attempt, below: limit) else { continue }
                    guard let alone = try? items.map({ item throws(ServingError) in try model.run(item) }) else {
                        // The last limit's reason is told.
                        if limit == attempt.integerLimit { _ = try model.run(items[0]) }
                        continue
                    }
                    return compare(model, items, alone)
                }
            } catch {
                reason = error.message
            }
        }
        return .impossible(reason)
    }

    /// Three different items of one row each.
    private func items(
        for inputs: [TensorSpecification],
        _ attempt: TrialAttempt,
        below limit: Int
    ) -> [[Tensor]]? {
        var attempt = attempt
        (attempt.rows, attempt.integerLimit) = (1, limit)
        var items: [[Tensor]] = []
        for seed in 0..<3 {
            var generator = TrialInputs(seed: UInt64(2000 + seed))
            guard let tensors = generator.tensors(for: inputs, attempt) else { return nil }
            items.append(tensors)
        }
        return items
    }

    /// Each item stands once at the front and once behind others; then the batches grow to the largest there will be.
    private func compare(_ model: any TrialModel, _ items: [[Tensor]], _ alone: [[Tensor]]) -> Result {
        for order in [[0, 1], [2, 1, 0]] {
            if let difference = difference(model, items, alone, order) { return .mixed(difference.text) }
        }
        var (count, duration) = (1, Duration.zero)
        for size in sizes {
            // What a row took in the last batch stands for the next one.
            guard duration / count * size <= limit else {
                return .impossible("\(size) side by side would take too long")
            }
            let elements = items[0].reduce(0) { $0 + (Tensor.elementCount(of: $1.shape) ?? 0) }
            guard elements <= TrialInputs.elementLimit / size else {
                return .impossible("\(size) side by side would be too large")
            }
            let start = clock()
            let found = difference(model, items, alone, (0..<size).map { ($0 * 2 + 1) % items.count })
            (count, duration) = (size, start.duration(to: clock()))
            switch found {
            case .values(let text): return .mixed(text)
            // Perhaps only the memory is too small for as many as there may be.
            case .failure(let text): return .impossible(text)
            case nil: break
            }
        }
        return differsInMany(model, items, alone, after: count, duration).map(Result.mixed) ?? .independent
    }

    /// How as many rows as requests of several can have together differ from single ones; nil where they do not, where they
    /// do not run, and where that would take long.
    private func differsInMany(
        _ model: any TrialModel,
        _ items: [[Tensor]],
        _ alone: [[Tensor]],
        after count: Int,
        _ duration: Duration
    ) -> String? {
        let elements = items[0].reduce(0) { $0 + (Tensor.elementCount(of: $1.shape) ?? 0) }
        let size = min(largestRows, Self.cheapElements / max(elements, 1))
        guard size > largestBatch, duration / count * size <= Self.cheapTime else { return nil }
        let found = difference(model, items, alone, (0..<size).map { ($0 * 2 + 1) % items.count })
        if case .values(let text)? = found { return text }
        return nil
    }

    private static let cheapElements = 1 << 20
    private static let cheapTime = Duration.seconds(2)

    private var sizes: [Int] {
        [5, 8, 17].filter { $0 < largestBatch } + (largestBatch > 3 ? [largestBatch] : [])
    }

    private enum Difference {
        case values(String)
        case failure(String)

        var text: String {
            switch self {
            case .values(let text), .failure(let text): text
            }
        }
    }

    /// How the items in this order, side by side, differ from each by itself; nil where they do not.
    private func difference(
        _ model: any TrialModel,
        _ items: [[Tensor]],
        _ alone: [[Tensor]],
        _ order: [Int]
    ) -> Difference? {
        let inputs = items[0].indices.map { index in Self.joined(order.map { items[$0][index] }) }
        let found: [Tensor]
        do throws(ServingError) {
            found = try model.run(inputs)
        } catch {
            return .failure("\(order.count) side by side do not run: \(error.message)")
        }
        for (index, output) in found.enumerated() {
            let expected = order.compactMap { alone[$0].indices.contains(index) ? alone[$0][index] : nil }
            guard expected.count == order.count, expected.allSatisfy({ $0.shape.first == 1 }),
                expected.allSatisfy({ $0.shape == expected[0].shape })
            else { return .values("output '\(output.name)' does not have a row for each item") }
            if case .different(let how) = TensorComparison.compare(output, with: Self.joined(expected)) {
                return .values("output '\(output.name)' of \(order.count) side by side \(how)")
            }
        }
        return nil
    }

    private static func joined(_ parts: [Tensor]) -> Tensor {
        var joined = parts[0]
        let storage = ByteStorage(capacity: parts.reduce(0) { $0 + $1.data.count })
        for part in parts { part.data.withUnsafeBytes { _ = storage.append($0) } }
        joined.shape[0] = parts.count
        joined.data = storage.region
        return joined
    }
}
