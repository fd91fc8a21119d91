/// How long a set of requests takes at least, whatever its deadlines: what ``ExhaustiveEnumeration`` breaks ties with.
struct RemainingTime {
    /// For each mask of models and context, at the index of both: the least seconds of loads.
    private var loads: [Double] = []
    /// For each mask of requests: seconds of inference with one batch per model.
    private var inference: [Double] = []
    private let instance: ExhaustiveInstance

    init(_ instance: ExhaustiveInstance, _ watch: inout BudgetWatch) {
        self.instance = instance
        loads = Array(repeating: 0, count: instance.contexts << instance.models.count)
        for models in 1..<max(1 << instance.models.count, 1) {
            watch.spend(instance.contexts)
            for context in 0..<instance.contexts where instance.behind[context] >= 0 {
                loads[models * instance.contexts + context] = leastLoads(models, context)
            }
        }
        for set in instance.weight.indices {
            watch.spend(10)
            var sum = 0.0
            for model in instance.models.indices where set & instance.members[model] != 0 {
                sum += instance.seconds[model][(set & instance.members[model]).nonzeroBitCount]
            }
            inference.append(sum)
        }
    }

    private func leastLoads(_ models: Int, _ context: Int) -> Double {
        var least = Double.infinity
        for model in instance.models.indices where models & 1 << model != 0 {
            let rest = (models & ~(1 << model)) * instance.contexts + instance.next(context, model: model)
            least = min(least, instance.load[context][model].roomySeconds + loads[rest])
        }
        return least
    }

    /// When a schedule that serves exactly `set` ends at the earliest.
    func least(serving set: Int) -> Double {
        let uploads = instance.uplink > 0 ? instance.work[set] / instance.uplink : 0
        let used = instance.models.indices.filter { set & instance.members[$0] != 0 }
        let shortest = used.map { instance.seconds[$0][1] }.min()
        let byTime = least(after: instance.executorFree, loader: instance.loaderFree, serving: set, in: instance.start)
        return max(byTime, instance.now + uploads + (shortest ?? 0))
    }

    /// When `set` has been served at the earliest if the executor and the loader are free at these times.
    func least(after executor: Double, loader: Double, serving set: Int, in context: Int) -> Double {
        let load = loads[instance.modelsOf[set] * instance.contexts + context]
        guard instance.overlap else { return executor + load + inference[set] }
        return max(executor + inference[set], loader + load)
    }
}
