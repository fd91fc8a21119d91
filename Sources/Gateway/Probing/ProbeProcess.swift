private import Foundation
private import Glibc
internal import ServingCore

/// A process of this executable that tries models: what they do to it, they do not do to this one.
///
/// Limits are watched from here: ONNX Runtime reserves far more addresses than it uses memory, so that a limit on addresses
/// would refuse sound models; what the process holds of its own is looked at fifty times a second. It ends when this one does.
struct ProbeProcess: ~Copyable {
    private let process: pid_t
    private var channel: ProbeChannel
    private let limits: ProbeLimits
    private let deadline: MonotonicInstant

    /// Why it gave no answer.
    enum End: Error, Hashable {
        /// It was ended by a signal.
        case signal(Int32)
        /// It ended by itself, with a status.
        case exit(Int32)
        /// It had taken all of its time.
        case time
        /// It held more memory than it may.
        case memory
    }

    /// Starts it; throws `internalError` with the system's reason where that fails.
    static func started(_ executable: String, limits: ProbeLimits) throws(ServingError) -> ProbeProcess {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw failure(errno)
        }
        let channel = ProbeChannel(owning: ends[0])
        defer { close(ends[1]) }
        return ProbeProcess(try spawn(executable, input: ends[1]), channel, limits)
    }

    private init(_ process: pid_t, _ channel: consuming ProbeChannel, _ limits: ProbeLimits) {
        self.process = process
        self.channel = channel
        self.limits = limits
        deadline = SystemMonotonicClock.now().advanced(by: limits.time)
    }

    deinit {
        // Closing the channel ends it, but perhaps not while it loads a model.
        kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Sends a request, and waits for the answer.
    mutating func answer(to request: ProbeRequest, _ bytes: [UInt8] = []) throws(End) -> ProbeAnswer {
        var end: End?
        let (process, limits, deadline) = (process, limits, deadline)
        if channel.send(request, bytes) {
            let answer = channel.receive(ProbeAnswer.self) { descriptor in
                while true {
                    var look = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    if poll(&look, 1, 20) > 0 { return true }
                    if SystemMonotonicClock.now() >= deadline { end = .time }
                    if Self.memory(of: process) > limits.memory.rawValue { end = .memory }
                    if end != nil { return false }
                }
            }
            if let answer { return answer }
        }
        throw end ?? Self.end(of: process)
    }

    /// What the process holds of its own: memory that no file stands behind.
    private static func memory(of process: pid_t) -> Int {
        ProbeLimits.kilobytes(of: "RssAnon:", in: "/proc/\(process)/status") ?? 0
    }

    /// How a process ended that closed its channel.
    private static func end(of process: pid_t) -> End {
        var information = siginfo_t()
        // Left to be reaped by the owner.
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0 {
            guard errno == EINTR else { return .exit(-1) }
        }
        let status = information._sifields._sigchld.si_status
        return information.si_code == CLD_EXITED ? .exit(status) : .signal(status)
    }

    private static func spawn(_ executable: String, input: Int32) throws(ServingError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        // What libraries print is not an answer.
        posix_spawn_file_actions_adddup2(&actions, 2, 1)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // A crash is an answer, too: at once, not after minutes of looking up names.
        let environment = ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_BACKTRACE" }
        let variables = environment.map { "\($0.key)=\($0.value)" } + ["SWIFT_BACKTRACE=enable=no"]
        var process: pid_t = 0
        let failure = withCStrings(["gateway", ProbeWorker.commandName]) { arguments in
            withCStrings(variables) { variables in
                posix_spawn(&process, executable, &actions, &attributes, arguments, variables)
            }
        }
        guard failure == 0 else { throw Self.failure(failure) }
        return process
    }

    private static func failure(_ number: Int32) -> ServingError {
        let reason = String(cString: strerror(number))
        return ServingError(.internalError, "the process that tries models cannot be started: \(reason)")
    }

    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

extension ProbeProcess.End {
    /// What is said of a model that this happened with, in a sentence with `limits`.
    func message(_ limits: ProbeLimits) -> String {
        switch self {
        case .signal(let number):
            return "the model ends the process that runs it: signal \(number) (\(Self.name(of: number)))"
        case .exit(let status): return "the model ends the process that runs it, with exit status \(status)"
        case .time:
            return "the model takes longer than \(limits.time.inSeconds.formatted()) s to be tried (--time-limit)"
        case .memory:
            return "the model takes more than \(limits.memory.rawValue) bytes of memory to be tried (--memory-limit)"
        }
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGFPE: "floating-point exception"
        case SIGKILL: "killed, perhaps since the machine ran out of memory"
        case SIGXCPU: "processor time used up"
        default: String(cString: strsignal(signal)).lowercased()
        }
    }
}
