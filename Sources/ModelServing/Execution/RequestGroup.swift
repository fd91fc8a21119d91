import ServingCore

/// Requests that go through a model together.
struct RequestGroup: Equatable, Sendable {
    /// Which requests, by their place in the batch.
    private(set) var members: [Int]
    /// How many rows each of them has; empty where the rows of a lone request are nobody's business.
    private(set) var rows: [Int]
    /// How many rows there are in all.
    private(set) var rowCount: Int

    /// Makes a group of one request.
    private init(_ member: Int, rows: Int?) {
        members = [member]
        self.rows = rows.map { [$0] } ?? []
        rowCount = rows ?? 0
    }

    /// Its members, each a group of its own.
    var apart: [RequestGroup] {
        members.indices.map { RequestGroup(members[$0], rows: rows.isEmpty ? nil : rows[$0]) }
    }

    private func hasRoom(for more: Int, limit: Int) -> Bool { !rows.isEmpty && rowCount + more <= limit }

    private static func haveEqualRows(_ one: [Tensor], _ other: [Tensor]) -> Bool {
        one.indices.allSatisfy { one[$0].shape.dropFirst().elementsEqual(other[$0].shape.dropFirst()) }
    }

    private mutating func append(_ member: Int, rows: Int) {
        members.append(member)
        self.rows.append(rows)
        rowCount += rows
    }

    /// Puts requests with equal dimensions behind the first side by side, at most `maximumRows` rows in one group.
    ///
    /// Requests keep their order inside a shape. Where the model is not batchable, or the inputs of a request differ
    /// in their first dimension, the request goes alone. A request that does not fit the model is in no group: the second
    /// result holds why, by its place.
    /// - Complexity: O(n) for n requests.
    static func grouping(
        _ requests: [[Tensor]],
        of wiring: ModelWiring,
        maximumRows: Int
    ) -> (groups: [RequestGroup], refusals: [Int: ServingError]) {
        var groups: [RequestGroup] = []
        var refusals: [Int: ServingError] = [:]
        var open: [[ArraySlice<Int>]: Int] = [:]
        for (index, inputs) in requests.enumerated() {
            do throws(ServingError) {
                guard let rows = try rows(of: inputs, in: wiring, maximum: maximumRows) else {
                    groups.append(RequestGroup(index, rows: nil))
                    continue
                }
                // Mostly all of a batch are alike: then no key is made for each.
                if let last = groups.indices.last, groups[last].hasRoom(for: rows, limit: maximumRows),
                    haveEqualRows(inputs, requests[groups[last].members[0]])
                {
                    groups[last].append(index, rows: rows)
                    continue
                }
                let key = inputs.map { $0.shape.dropFirst() }
                if let place = open[key], groups[place].rowCount + rows <= maximumRows {
                    groups[place].append(index, rows: rows)
                } else {
                    open[key] = groups.count
                    groups.append(RequestGroup(index, rows: rows))
                }
            } catch {
                refusals[index] = error
            }
        }
        return (groups, refusals)
    }

    /// How many rows a request has; nil where the model is not batchable or its inputs differ in their first dimension.
    ///
    /// Throws `.invalidField` where the inputs do not fit the model, or have more than `maximum` rows.
    static func rows(of inputs: [Tensor], in wiring: ModelWiring, maximum: Int) throws(ServingError) -> Int? {
        try check(inputs, against: wiring.model)
        guard wiring.isBatchable, let rows = commonRows(of: inputs) else { return nil }
        guard rows <= maximum else {
            let message = "a request may have \(maximum) rows, not \(rows)"
            throw ServingError(.invalidField, message, field: "inputs[0].shape[0]")
        }
        return rows
    }

    private static func commonRows(of inputs: [Tensor]) -> Int? {
        let rows = inputs.first?.shape.first
        return inputs.allSatisfy { $0.shape.first == rows } ? rows : nil
    }

    private static func check(_ inputs: [Tensor], against model: ServableModel) throws(ServingError) {
        guard inputs.count == model.inputs.count else {
            let message = "\(model.id) takes \(model.inputs.count) inputs, not \(inputs.count)"
            throw ServingError(.invalidField, message, field: "inputs")
        }
        for (index, (tensor, specification)) in zip(inputs, model.inputs).enumerated() {
            guard tensor.datatype == specification.datatype else {
                let message = "'\(specification.name)' takes \(specification.datatype.rawValue)"
                throw ServingError(.invalidField, message, field: "inputs[\(index)].datatype")
            }
            guard specification.accepts(shape: tensor.shape) else {
                let message = "'\(specification.name)' takes shape \(specification.shape), not \(tensor.shape)"
                throw ServingError(.invalidField, message, field: "inputs[\(index)].shape")
            }
            guard !model.refusesEmpty || !tensor.shape.contains(0) else {
                let message = "'\(specification.name)' has no elements: an operator of the model cannot take that"
                throw ServingError(.invalidField, message, field: "inputs[\(index)].shape")
            }
            try tensor.checkSize()
        }
    }
}
