import ServingCore
import TestSupport
import Testing

@testable import ONNXEngine

struct ONNXLibraryTests {
    @Test func `The search goes from the executable's folder upwards, then to the system`() {
        let paths = ONNXLibrary.searchPaths(executable: "/app/.build/release/gateway")
        let file = "libonnxruntime.so.1"
        #expect(
            paths.prefix(5) == [
                "/app/.build/release/.deps/onnxruntime/lib/\(file)", "/app/.build/.deps/onnxruntime/lib/\(file)",
                "/app/.deps/onnxruntime/lib/\(file)", "/.deps/onnxruntime/lib/\(file)", "/usr/local/lib/\(file)",
            ]
        )
        #expect(paths.last == file)
    }

    @Test func `Without a known executable only the system is searched`() {
        #expect(ONNXLibrary.searchPaths(executable: nil).first == "/usr/local/lib/libonnxruntime.so.1")
    }

    @Test func `A configured library that is not there is an error that names it`() {
        do throws(ServingError) {
            _ = try ONNXLibrary(configuredPath: "/nowhere/libonnxruntime.so")
            Issue.record("opened a library that is not there")
        } catch {
            #expect(error.code == .engineFailed)
            #expect(error.message.contains("/nowhere/libonnxruntime.so"))
        }
    }

    @Test func `A library that is not ONNX Runtime is refused`() {
        do throws(ServingError) {
            _ = try ONNXLibrary(configuredPath: "libc.so.6")
            Issue.record("took the C library for ONNX Runtime")
        } catch {
            #expect(error.message.contains("OrtGetApiBase"))
        }
    }
}

extension ONNXEngineTests {
    @Test func `The library is opened once, with one configuration`() throws {
        #expect(try ONNXEngine().version.split(separator: ".").count == 3)
        #expect(try ONNXEngine().version == ONNXEngine().version)
        #expect(failureCode { _ = try ONNXEngine(ONNXConfiguration(threadCount: 7)) } == .engineFailed)
    }
}
