import ServingCore
import Synchronization

/// What a server shows its clients: the newest pair of certificate and key that is good, read again when its files change.
public final class TLSIdentity: Sendable {
    private let state: Mutex<State>

    private struct State {
        var files: TLSFiles
        var newest: TLSCredentials
        /// The files as they were when they were read last, whatever came of it.
        var read: [FileStamp?]
        /// The files as they were at the last look.
        var seen: [FileStamp?]
    }

    /// What came of reading the files again.
    public enum Outcome: Hashable, Sendable {
        /// Handshakes take the new pair from now on.
        case replaced
        /// The new pair is not good: the old one stays.
        case kept(TLSFileProblem)
    }

    /// Reads the files.
    ///
    /// - Throws: ``TLSFileProblem`` where they are no pair. A certificate that is not valid now is taken all the same: the machine's
    ///   clock may be wrong, and clients judge for themselves.
    public init(_ files: TLSFiles) throws(TLSFileProblem) {
        let stamps = files.stamps
        state = Mutex(State(files: files, newest: try files.read(), read: stamps, seen: stamps))
    }

    /// What the next handshake takes. O(1).
    public var newest: TLSCredentials { state.withLock { $0.newest } }

    /// The files it is read from.
    public var files: TLSFiles { state.withLock { $0.files } }

    /// Reads `files`, or those it was read from, again at `now`, in seconds since 1970; a pair that is not valid then does not
    /// replace one that is.
    public func reload(_ files: TLSFiles? = nil, at now: Int) -> Outcome {
        let files = files ?? self.files
        let stamps = files.stamps
        do throws(TLSFileProblem) {
            let read = try files.read()
            return state.withLock {
                ($0.files, $0.read, $0.seen) = (files, stamps, stamps)
                if let problem = read.problem(at: now), $0.newest.problem(at: now) == nil { return .kept(problem) }
                $0.newest = read
                return .replaced
            }
        } catch {
            state.withLock { ($0.read, $0.seen) = (stamps, stamps) }
            return .kept(error)
        }
    }

    /// Reads the files again if they have changed since they were read, and not since the last look: what is being written is left
    /// for the next one. Nil where nothing was read.
    public func look(at now: Int) -> Outcome? {
        let stamps = files.stamps
        let isDue = state.withLock { state in
            defer { state.seen = stamps }
            return stamps != state.read && stamps == state.seen
        }
        return isDue ? reload(at: now) : nil
    }
}
