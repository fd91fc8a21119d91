private import Foundation
internal import MetricsExposition

/// What every process tells of itself, by the names that client libraries of Prometheus use; read from the kernel at each scrape.
enum ProcessMetrics {
    /// Registers the series; a value that the system does not tell is left out.
    static func register(in registry: MetricRegistry) {
        registry.counter("process_cpu_seconds_total", help: "Processor time the process took, in seconds.") {
            samples(Stat.current.map { Double($0.userTicks + $0.systemTicks) / ticksPerSecond })
        }
        gauge(registry, "process_resident_memory_bytes", "Memory of the process that lies in main memory.") {
            Stat.current.map { Double($0.residentPages) * Double(sysconf(Int32(_SC_PAGESIZE))) }
        }
        gauge(registry, "process_virtual_memory_bytes", "Address space of the process.") {
            Stat.current.map { Double($0.virtualBytes) }
        }
        gauge(registry, "process_threads", "Threads of the process.") { Stat.current.map { Double($0.threads) } }
        gauge(registry, "process_open_fds", "Descriptors that are open.") { openDescriptors.map(Double.init) }
        gauge(registry, "process_max_fds", "Descriptors that may be open.") { descriptorLimit.map(Double.init) }
        let started = Date().timeIntervalSince1970
        gauge(registry, "process_start_time_seconds", "When the process began to serve, in seconds since 1970.") {
            started
        }
    }

    private static func gauge(
        _ registry: MetricRegistry,
        _ name: String,
        _ help: String,
        _ read: @escaping @Sendable () -> Double?
    ) {
        registry.gauge(name, help: help) { samples(read()) }
    }

    private static func samples(_ value: Double?) -> [LabelledValue] { value.map { [LabelledValue([], $0)] } ?? [] }

    private static var ticksPerSecond: Double { Double(max(1, sysconf(Int32(_SC_CLK_TCK)))) }

    private static var openDescriptors: Int? {
        // The one that lists them is among them.
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map { max(0, $0.count - 1) }
    }

    private static var descriptorLimit: Int? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Int(clamping: limit.rlim_cur)
    }

    /// What `/proc/self/stat` tells (proc(5)).
    struct Stat: Hashable {
        let userTicks: Int
        let systemTicks: Int
        let threads: Int
        let virtualBytes: Int
        let residentPages: Int

        static var current: Stat? {
            (try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8)).flatMap { Stat($0) }
        }

        /// Reads a line; nil where it is none. The second field is a name in parentheses, which may hold anything.
        init?(_ line: String) {
            guard let end = line.lastIndex(of: ")") else { return nil }
            // The third field is the first of these.
            let fields = line[line.index(after: end)...].split(whereSeparator: \.isWhitespace)
            let numbers = [14, 15, 20, 23, 24].compactMap { number in
                fields.indices.contains(number - 3) ? Int(fields[number - 3]) : nil
            }
            guard numbers.count == 5 else { return nil }
            (userTicks, systemTicks, threads) = (numbers[0], numbers[1], numbers[2])
            (virtualBytes, residentPages) = (numbers[3], numbers[4])
        }
    }
}
