import ServingCore
import Testing

@testable import Gateway

struct MachineMemoryTests {
    private static let machine = "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    8388608 kB\n"

    private func available(_ files: [String: String]) -> ByteCount? {
        MachineMemory.available { files[$0] }
    }

    @Test func `Without a control group, what the machine has available counts`() {
        #expect(available(["/proc/meminfo": Self.machine]) == ByteCount(8 << 30))
        #expect(available([:]) == nil)
        #expect(available(["/proc/meminfo": "MemAvailable: much kB"]) == nil)
    }

    @Test(arguments: ["/pod/box/memory.max", "/pod/memory.max", "/memory.max"])
    func `The least limit of the groups around the process counts`(place: String) {
        var files = ["/proc/meminfo": Self.machine, "/proc/self/cgroup": "0::/pod/box\n"]
        files["/sys/fs/cgroup/pod/memory.max"] = "max\n"
        files["/sys/fs/cgroup" + place] = "1073741824\n"
        #expect(available(files) == ByteCount(1 << 30))
        files["/sys/fs/cgroup" + place] = "99999999999999\n"
        #expect(available(files) == ByteCount(8 << 30))
    }

    @Test(arguments: ["/a/b/memory.limit_in_bytes", "/memory.limit_in_bytes"])
    func `So it does with the older interface`(place: String) {
        let files = [
            "/proc/meminfo": Self.machine, "/proc/self/cgroup": "5:cpu,memory:/a/b\n0::/\n",
            "/sys/fs/cgroup/memory" + place: "536870912\n",
        ]
        #expect(available(files) == ByteCount(512 << 20))
    }

    @Test func `Runs share what is left beside blocks with one part more, but each has enough for a usual model`() {
        var configuration = GatewayConfiguration()
        configuration.engine.lanes = 1
        (configuration.memory, configuration.engine.keptTensors) = (ByteCount(2 << 30), .zero)
        #expect(configuration.runMemory(available: ByteCount(8 << 30)) == ByteCount(3 << 30))
        #expect(configuration.runMemory(available: ByteCount(1 << 30)) == ByteCount(256 << 20))
        configuration.engine.lanes = 2
        #expect(configuration.runMemory(available: ByteCount(8 << 30)) == ByteCount(2 << 30))
        #expect(configuration.runMemory(available: nil) == ByteCount(1 << 30))
        configuration.engine.runMemory = ByteCount(7)
        #expect(configuration.runMemory(available: ByteCount(8 << 30)) == ByteCount(7))
    }
}
