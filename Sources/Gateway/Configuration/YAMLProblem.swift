private import Foundation
private import Yams

/// What is wrong with a YAML text, in one line.
enum YAMLProblem {
    /// `line 3, column 5: did not find expected ',' or '}'`.
    static func description(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, let offset, _, _): offset.map { "byte \($0): \(problem)" } ?? problem
        case .duplicatedKeysInMapping(let keys, let context):
            "line \(context.mark.line): the key '\(keys.sorted().joined(separator: "', '"))' is given twice"
        default: "it cannot be read"
        }
    }
}
