extension SchedulingProblem {
    /// The most of `requests`, the latest deadline first, that end in time in one batch of `model` starting at `start`: the k-th
    /// latest deadline must allow for k requests.
    /// - Complexity: O(log(requests)).
    func batchSize(of requests: [Int], model: Int, startingAt start: Double) -> Int {
        let model = server.models[model]
        var low = 0
        var high = min(requests.count, model.maximumBatchSize)
        while low < high {
            let size = (low + high + 1) / 2
            let isInTime = start + model.seconds(batch: size) <= self.requests[requests[size - 1]].deadline + 1e-9
            if isInTime { low = size } else { high = size - 1 }
        }
        return low
    }
}
