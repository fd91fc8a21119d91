import CONNXRuntime
import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The library file of ONNX Runtime, found and opened.
///
/// A configured path is the only one tried. Without one, these are, in order: `.deps/onnxruntime/lib` in each folder
/// from the executable's upwards, `/usr/local/lib`, the system's folders, and at last the dynamic linker's own search.
struct ONNXLibrary {
    /// Its functions, valid as long as the process.
    let api: UnsafePointer<OrtApi>
    /// Its version: "1.32.0".
    let version: String

    /// Opens the library.
    ///
    /// Throws `.engineFailed`, with every path that was tried, where there is none or it is too old.
    init(configuredPath: String?) throws(ServingError) {
        var failures: [String] = []
        for path in configuredPath.map({ [$0] }) ?? Self.searchPaths(executable: Self.executablePath) {
            // A path with a slash that is not there would only lengthen the message by the linker's words for it.
            if path.contains("/"), access(path, F_OK) != 0 {
                failures.append("\(path): not there")
                continue
            }
            switch Self.open(path) {
            case .success(let library):
                self = library
                return
            case .failure(let failure):
                failures.append(failure.message)
            }
        }
        let tried = failures.joined(separator: "; ")
        throw ServingError(.engineFailed, "ONNX Runtime's library was not found or cannot be used; tried \(tried)")
    }

    private init(api: UnsafePointer<OrtApi>, version: String) {
        self.api = api
        self.version = version
    }

    private static func open(_ path: String) -> Result<ONNXLibrary, ServingError> {
        var version: UnsafePointer<CChar>?
        var error = [CChar](repeating: 0, count: 512)
        guard let api = CONNXRuntime_open(path, &version, &error, error.count), let version else {
            let text = error.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return .failure(ServingError(.engineFailed, String(decoding: text, as: UTF8.self)))
        }
        return .success(ONNXLibrary(api: api, version: String(cString: version)))
    }

    /// Where the library may be, nearest first, for an executable at `executable`.
    static func searchPaths(executable: String?) -> [String] {
        let file = "libonnxruntime.so.1"
        var paths: [String] = []
        var folders = (executable ?? "").split(separator: "/").dropLast()
        while executable != nil {
            paths.append(([""] + folders + [".deps/onnxruntime/lib/\(file)"]).joined(separator: "/"))
            guard folders.popLast() != nil else { break }
        }
        #if arch(arm64)
        let multiarch = "aarch64-linux-gnu"
        #else
        let multiarch = "x86_64-linux-gnu"
        #endif
        return paths + ["/usr/local/lib/\(file)", "/usr/lib/\(multiarch)/\(file)", "/usr/lib/\(file)", file]
    }

    private static var executablePath: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
