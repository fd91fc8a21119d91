import Foundation
import LoadScheduling
import PlanFormat
import TestSupport

/// An instance with its name and, where it came with one, its proved optimum.
struct NamedInstance {
    let name: String
    let plan: InstancePlan
    let optimum: Int?

    /// Those of `family` in `folder` (none where it is nil), then generated ones like them.
    static func list(
        _ family: InstanceGenerator.Family,
        folder: String?,
        generated: Int,
        seed: UInt64
    ) throws -> [NamedInstance] {
        let files = try folder.map { try read(family, from: URL(filePath: $0)) } ?? []
        return files
            + (0..<generated).map { number in
                let seed = seed &* 1000 &+ UInt64(number)
                let problem = InstanceGenerator.problem(family, seed: seed)
                let plan = InstancePlan(numbering: problem, seed: seed)
                let mode = family == .varied ? mode(of: problem) : ""
                return NamedInstance(name: "\(family.rawValue) \(seed)\(mode)", plan: plan, optimum: nil)
            }
    }

    /// What is unlike the paper, in short: retained blocks, overlap, varying shares, and how many of the largest model fit in memory.
    private static func mode(of problem: SchedulingProblem) -> String {
        let server = problem.server
        let largest = server.models.indices.map { server.bytes(ofModel: $0) }.max() ?? 1
        let memory = String(format: "%.2f", Double(server.memoryBytes) / Double(max(largest, 1)))
        let letters = [(server.reuse == .retained, "r"), (server.overlap, "o"), (server.shares == .varying, "v")]
        return " " + letters.map { $0.0 ? $0.1 : "-" }.joined() + " " + memory
    }

    private static func read(_ family: InstanceGenerator.Family, from folder: URL) throws -> [NamedInstance] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix(family.rawValue + "-") && $0.hasSuffix(".json") }
        let optima = optima(in: folder)
        return try files.sorted().map { file in
            let data = try Data(contentsOf: folder.appending(path: file))
            let name = String(file.dropLast(5))
            let plan = try data.withUnsafeBytes { try InstancePlan(parsing: $0) }
            return NamedInstance(name: name, plan: plan, optimum: optima[name])
        }
    }

    /// The lines of optimum.txt: `small-101 6 optimal of 10`.
    private static func optima(in folder: URL) -> [String: Int] {
        let text = (try? String(contentsOf: folder.appending(path: "optimum.txt"), encoding: .utf8)) ?? ""
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Int)? in
            let words = line.split(separator: " ")
            guard words.count > 2, words[2] == "optimal", let optimum = Int(words[1]) else { return nil }
            return (String(words[0]), optimum)
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
