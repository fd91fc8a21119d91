import Foundation
import LoadScheduling
import ServingCore

/// Draws the requests of an instance.
struct RequestMaker {
    /// How many.
    let count: Int
    /// How fast popularity falls with rank.
    let zipf: Double
    /// The latest deadline.
    let horizon: Double
    /// The earliest deadline over the latest; 1 for one common deadline.
    let earliest: Double

    /// A problem on `server`, whose uplink carries `uplinkOverNeed` times what all requests need over their whole deadlines.
    func problem(
        _ server: EdgeServer,
        uplinkOverNeed: Double,
        _ random: inout SeededGenerator
    ) -> SchedulingProblem {
        var problem = SchedulingProblem(server: server, requests: requests(server.models.count, &random))
        let need = problem.requests.reduce(0) { $0 + $1.uplinkWork / $1.deadline }
        problem.server.uplink = Hertz(need * uplinkOverNeed)
        return problem
    }

    private func requests(_ models: Int, _ random: inout SeededGenerator) -> [SchedulingProblem.Request] {
        let byRank = (0..<models).shuffled(using: &random)
        var cumulative: [Double] = []
        var sum = 0.0
        for rank in byRank.indices {
            sum += 1 / pow(Double(rank + 1), zipf)
            cumulative.append(sum)
        }
        return (0..<count).map { _ in
            let point = Double.random(in: 0..<sum, using: &random)
            let rank = cumulative.firstIndex { $0 > point } ?? models - 1
            let factor = earliest < 1 ? Double.random(in: earliest...1, using: &random) : 1
            return SchedulingProblem.Request(
                model: byRank[rank],
                bits: Double(Int.random(in: 200_000...2_000_000, using: &random)),
                efficiency: .random(in: 1...7, using: &random),
                deadline: horizon * factor
            )
        }
    }
}
