import CONNXRuntime

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What a compiled copy depends on beside the block: optimised graphs lay weights out for one kind of processor.
enum CompilationKey {
    /// Changes whenever the format of the copies or the way they are made does.
    private static let format = 6

    /// The key for a version of ONNX Runtime on this machine.
    static func make(runtimeVersion: String) -> String {
        let version = runtimeVersion.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") }
        return "\(engine)-\(version)-\(processor)-\(format)"
    }

    /// Whether `key` stands for copies of an earlier format, or for those that another version of ONNX Runtime than
    /// `runtimeVersion` made on a processor like this one; without a version the format alone tells.
    static func isStale(_ key: String, runtimeVersion: String?) -> Bool {
        let parts = key.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == engine, let made = Int(parts[3]), made <= format else { return false }
        guard made == format, let runtimeVersion else { return made < format }
        return parts[2] == processor && key != make(runtimeVersion: runtimeVersion)
    }

    private static let engine = "onnxruntime"

    private static var processor: String {
        let features = Array(processorFeatures.utf8)
        return String(features.withUnsafeBytes { CONNXRuntime_hash($0.baseAddress, $0.count) }, radix: 16)
    }

    /// The first line of the system's list of what the processor can do (x86: flags, ARM: Features).
    private static var processorFeatures: String {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("flags") || text.hasPrefix("Features") { return text }
        }
        return ""
    }
}
