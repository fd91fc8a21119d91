import Foundation
import PlanFormat

/// The instance files beside the tests, with the proved optimum of those that have one.
struct InstanceFile: Sendable, CustomStringConvertible {
    let name: String
    let optimum: Int?

    var description: String { name }

    static let all: [InstanceFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let optima = Self.optima
        return names.filter { $0.hasSuffix(".json") }.sorted().map { file in
            let name = String(file.dropLast(5))
            return InstanceFile(name: name, optimum: optima[name])
        }
    }()

    func bytes() throws -> [UInt8] {
        Array(try Data(contentsOf: Self.folder.appending(path: "\(name).json")))
    }

    func plan() throws -> InstancePlan { try InstanceText.parse(bytes()) }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Instances")

    /// Lines like `small-101 6 optimal of 10`.
    private static var optima: [String: Int] {
        let text = (try? String(contentsOf: folder.appending(path: "optimum.txt"), encoding: .utf8)) ?? ""
        let pairs = text.split(separator: "\n").compactMap { line -> (String, Int)? in
            let words = line.split(separator: " ")
            guard words.count > 1, let optimum = Int(words[1]) else { return nil }
            return (String(words[0]), optimum)
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
