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
            end(error.rawValue)
        case CommandOutput.Failure.readerGone:
            end(0)
        case CommandOutput.Failure.failed(let reason):
            fail("standard output: \(reason)", status: 1)
        default:
            let status = exitCode(for: error)
            // ArgumentParser's own usage errors carry 64; the command line promises 2 for them.
            if status == .success { show(fullMessage(for: error)) }
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
        CommandOutput.note("gateway: \(line)")
        end(status)
    }

    /// Prints what was asked for instead of a command: help, the version.
    private static func show(_ text: String) -> Never {
        do throws(CommandOutput.Failure) {
            try CommandOutput.print(text)
        } catch {
            exit(reporting: error)
        }
        end(0)
    }

    private static func end(_ status: Int32) -> Never {
        LogWriter.standardError.flush(atMost: 1)
        Foundation.exit(status)
    }
}
