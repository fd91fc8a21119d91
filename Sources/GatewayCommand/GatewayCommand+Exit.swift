import ArgumentParser
import Foundation
import Gateway
import ModelCatalog
import ServingCore

extension GatewayCommand {
    /// Prints one line that says what is wrong and ends the process with the status the command line promises.
    static func exit(reporting error: any Error) -> Never {
        switch error {
        case let error as ConfigurationError:
            fail(error.description, status: 2)
        case let error as CatalogError:
            fail(error.description, status: error.isInputFault ? 2 : 1)
        case let error as ServingError:
            fail(describe(error), status: isBadInput(error.code) ? 2 : 1)
        case let error as ExitCode:
            exit(withError: error)
        default:
            let status = exitCode(for: error)
            // ArgumentParser's own usage errors carry 64; the command line promises 2 for them.
            if status == .success { exit(withError: error) }
            fail(message(for: error), status: status == .validationFailure ? 2 : 1)
        }
    }

    private static func describe(_ error: ServingError) -> String {
        error.field.map { "\($0): \(error.message)" } ?? error.message
    }

    private static func isBadInput(_ code: ServingError.Code) -> Bool {
        (400..<500).contains(code.httpStatus) || code == .notImplemented
    }

    private static func fail(_ line: String, status: Int32) -> Never {
        FileHandle.standardError.write(Data("gateway: \(line)\n".utf8))
        Foundation.exit(status)
    }
}
