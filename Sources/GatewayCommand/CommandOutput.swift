import Foundation
import Gateway

/// The standard streams of every command.
enum CommandOutput {
    /// Standard output took not all of it.
    enum Failure: Error {
        /// Its reader has gone, as `head` does when it has seen enough.
        case readerGone
        /// The system's words for anything else: no space left.
        case failed(String)
    }

    /// Makes the standard streams safe to use: a stream that is closed stays unusable rather than become the next file that is
    /// opened, and a reader that goes is an error rather than a signal.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        // Opened the wrong way round, so that using it fails.
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            let opened = open("/dev/null", mode)
            if opened >= 0 && opened != descriptor {
                dup2(opened, descriptor)
                close(opened)
            }
        }
    }

    /// Writes a line to standard output.
    static func print(_ line: String) throws(Failure) {
        try write(Array(line.utf8) + [UInt8(ascii: "\n")])
    }

    /// Writes bytes to standard output.
    static func write(_ bytes: some Collection<UInt8>) throws(Failure) {
        let rest = DescriptorOutput.write(ArraySlice(bytes), to: STDOUT_FILENO)
        guard !rest.isEmpty else { return }
        let reason = errno
        throw reason == EPIPE ? .readerGone : .failed(String(cString: strerror(reason)))
    }

    /// Writes a line for people to standard error; where nobody takes it, it is lost.
    static func note(_ line: String) {
        show(line + "\n")
    }

    /// Writes text for people to standard error as it is.
    static func show(_ text: String) {
        _ = DescriptorOutput.write(ArraySlice(text.utf8), to: STDERR_FILENO)
    }
}
