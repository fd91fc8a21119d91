import Testing

@testable import ONNXEngine

/// Which copies an engine will never use again.
struct CompilationKeyTests {
    private static let current = CompilationKey.make(runtimeVersion: "1.32.0")

    /// The current key with one of its four parts changed.
    private static func key(_ part: Int, _ text: String) -> String {
        var parts = current.split(separator: "-").map(String.init)
        parts[part] = text
        return parts.joined(separator: "-")
    }

    @Test func `Copies of an earlier format are stale, whatever made them`() {
        for key in [Self.key(3, "1"), Self.key(3, "1").replacing("1.32.0", with: "1.20.1")] {
            #expect(CompilationKey.isStale(key, runtimeVersion: nil))
            #expect(CompilationKey.isStale(key, runtimeVersion: "1.32.0"))
        }
    }

    @Test func `Copies of another runtime for this processor are stale where the runtime is known`() {
        let key = Self.key(1, "1.31.0")
        #expect(CompilationKey.isStale(key, runtimeVersion: "1.32.0"))
        #expect(!CompilationKey.isStale(key, runtimeVersion: nil))
    }

    @Test func `Current copies, those for other processors and of later formats, and other folders stay`() {
        let keys = [Self.current, Self.key(2, "abc"), Self.key(3, "1000"), Self.key(0, "other"), "", "onnxruntime-1"]
        for key in keys { #expect(!CompilationKey.isStale(key, runtimeVersion: "1.32.0")) }
    }
}
