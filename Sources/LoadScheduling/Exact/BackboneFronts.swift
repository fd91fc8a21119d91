/// The dynamic program itself: backwards over models in a fixed order, for every number of requests the Pareto front of how
/// late the server may start and what share of the uplink that takes.
struct BackboneFronts {
    /// One way to serve a number of requests by the models passed so far.
    private struct Node {
        /// When the executor must be free at the latest, before the loads still to be charged.
        var executor: Double
        /// The sum of least shares so far, in hertz. Where uploads take turns: the work that may be in front at most, in hertz
        /// seconds, negative.
        var uplink: Double
        /// The way it grew from: an index, or -1.
        var parent: Int
        /// Where the model of the batch it added stands: cluster and position; -1 where it added none.
        var cluster: Int
        var model: Int
        var count: Int
    }

    /// A way to serve as many as possible.
    struct Best {
        var served = 0
        /// When the executor must be free at the latest.
        var executor = -Double.infinity
        /// The batches, the first first: cluster, position in it, and how many of the model's cheapest requests.
        var batches: [(cluster: Int, model: Int, count: Int)] = []
    }

    private let instance: BackboneInstance
    private let countsUplink: Bool
    private let width: Int
    private var nodes: [Node] = []
    /// For each number of requests, the ways where no backbone is left to be charged, and those where the cluster's at hand is.
    private var closed: [[Int]]
    private var open: [[Int]]

    /// Prepares a run: with the uplink, or on time alone (fronts of a single entry). A front holds at most `width` entries.
    init(_ instance: BackboneInstance, countsUplink: Bool, width: Int = 1) {
        self.instance = instance
        self.countsUplink = countsUplink
        self.width = width
        closed = Array(repeating: [], count: instance.requestCount + 1)
        open = closed
    }

    /// Serves as many as possible with the models in this order, the last batch's first.
    ///
    /// Where `first` is given, that model runs before all others, on what is resident at the start; it must come last in `order`.
    /// - Returns: nil where the budget is used up.
    mutating func run(
        _ order: [(cluster: Int, models: [Int])],
        first: Int?,
        _ watch: inout BudgetWatch
    ) -> Best? {
        watch.look()
        let uplink = instance.hasTurns ? -Double.infinity : 0
        nodes = [Node(executor: instance.deadline, uplink: uplink, parent: -1, cluster: -1, model: -1, count: 0)]
        closed = Array(repeating: [], count: instance.requestCount + 1)
        closed[0] = [0]
        for (position, step) in order.enumerated() {
            open = Array(repeating: [], count: instance.requestCount + 1)
            let isFirstCluster = first != nil && position == order.count - 1
            for model in step.models where !(isFirstCluster && model == first) {
                if watch.isUsedUp { return nil }
                add(step.cluster, model, &watch)
            }
            if isFirstCluster, let first {
                addFirst(step.cluster, first, &watch)
            } else {
                close(step.cluster)
            }
        }
        return watch.isUsedUp ? nil : best()
    }

    /// Offers a batch of every size of a model, with each way so far to follow it.
    private mutating func add(_ cluster: Int, _ model: Int, _ watch: inout BudgetWatch) {
        var grown = open
        let load = instance.clusters[cluster].models[model].ownSeconds
        let sizes = instance.clusters[cluster].models[model].seconds.count
        for served in closed.indices where !watch.isUsedUp {
            watch.spend((closed[served].count + open[served].count) * sizes * (countsUplink ? 8 : 2) + 1)
            for node in closed[served] + open[served] { extend(node, served, cluster, model, load: load, &grown) }
        }
        open = grown
    }

    /// Offers the batch that runs first of all: whatever it shares with its cluster is loaded or resident now.
    private mutating func addFirst(_ cluster: Int, _ model: Int, _ watch: inout BudgetWatch) {
        var grown = [[Int]](repeating: [], count: instance.requestCount + 1)
        let load = instance.clusters[cluster].models[model].firstSeconds
        let sizes = instance.clusters[cluster].models[model].seconds.count
        for served in closed.indices where !watch.isUsedUp {
            watch.spend((closed[served].count + open[served].count) * sizes * (countsUplink ? 8 : 2) + 1)
            for node in closed[served] + open[served] { extend(node, served, cluster, model, load: load, &grown) }
        }
        closed = grown
    }

    private mutating func extend(
        _ node: Int,
        _ served: Int,
        _ cluster: Int,
        _ index: Int,
        load: Double,
        _ front: inout [[Int]]
    ) {
        let model = instance.clusters[cluster].models[index]
        let parent = nodes[node]
        for count in 1..<model.seconds.count {
            let start = parent.executor - model.seconds[count]
            var new = Node(
                executor: start - load,
                uplink: parent.uplink,
                parent: node,
                cluster: cluster,
                model: index,
                count: count
            )
            guard new.executor >= instance.start - 1e-9 else { return }
            if countsUplink, model.work[count] > 0 {
                if instance.hasTurns {
                    new.uplink = max(new.uplink, -instance.uplink * (start - instance.now)) + model.work[count]
                } else {
                    new.uplink += model.work[count] / max(start - instance.now, 0)
                }
                guard new.uplink <= (instance.hasTurns ? 0 : instance.uplink) else { return }
            }
            insert(new, into: &front[served + count])
        }
    }

    /// Charges a cluster's backbone to the ways that use the cluster.
    private mutating func close(_ cluster: Int) {
        let seconds = instance.clusters[cluster].backboneSeconds
        var grown = closed
        for served in open.indices {
            for node in open[served] {
                var closing = nodes[node]
                closing.executor -= seconds
                guard closing.executor >= instance.start - 1e-9 else { continue }
                insert(closing, into: &grown[served])
            }
        }
        closed = grown
    }

    /// Keeps a front: later and cheaper is better; the cheapest of too many entries go on, and the latest.
    private mutating func insert(_ new: Node, into front: inout [Int]) {
        if !countsUplink {
            if let old = front.first, nodes[old].executor >= new.executor { return }
            nodes.append(new)
            front = [nodes.count - 1]
            return
        }
        let isDominated = front.contains { nodes[$0].executor >= new.executor && nodes[$0].uplink <= new.uplink }
        if isDominated { return }
        front.removeAll { new.executor >= nodes[$0].executor && new.uplink <= nodes[$0].uplink }
        nodes.append(new)
        let position = front.firstIndex { nodes[$0].executor < new.executor } ?? front.count
        front.insert(nodes.count - 1, at: position)
        if front.count > width { thin(&front) }
    }

    /// Drops the inner entry that differs least from its neighbours.
    private func thin(_ front: inout [Int]) {
        guard front.count > 2 else { return }
        let least = (1..<(front.count - 1)).min { gap(front, $0) < gap(front, $1) } ?? 1
        front.remove(at: least)
    }

    private func gap(_ front: [Int], _ index: Int) -> Double {
        nodes[front[index - 1]].executor - nodes[front[index + 1]].executor
    }

    private func best() -> Best {
        guard let served = closed.indices.last(where: { !closed[$0].isEmpty }) else { return Best() }
        var best = Best(served: served)
        var node = closed[served].max { nodes[$0].executor < nodes[$1].executor } ?? 0
        best.executor = nodes[node].executor
        while node > 0 {
            best.batches.append((nodes[node].cluster, nodes[node].model, nodes[node].count))
            node = nodes[node].parent
        }
        return best
    }
}
