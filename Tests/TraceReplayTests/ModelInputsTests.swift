import JSONCoding
import NIOCore
import ServingCore
import TestSupport
import Testing

@testable import TraceReplay

@Suite struct ModelInputsTests {
    private static let metadata = ByteBuffer(
        string: """
            {"name":"m","inputs":[{"name":"x","datatype":"FP32","shape":[-1,2,3]},
            {"name":"t","datatype":"BYTES","shape":[2]}],"outputs":[]}
            """
    )

    @Test func `inputs are one row, binary, behind JSON that says their sizes`() throws {
        let inputs = try ModelInputs(metadata: Self.metadata, least: 0, seed: 1)
        let text = try #require(inputs.body.getString(at: 0, length: inputs.headerBytes))
        let parts = [#""shape":[1,2,3]"#, #""binary_data_size":24"#, #""binary_data_size":8"#]
        #expect(parts.allSatisfy { text.contains($0) }, "\(text)")
        #expect(inputs.body.readableBytes == inputs.headerBytes + 24 + 8)
    }

    @Test func `a body is filled up to the least bytes asked for`() throws {
        let inputs = try ModelInputs(metadata: Self.metadata, least: 5000, seed: 1)
        #expect(inputs.body.readableBytes == 5000)
        #expect(inputs.headerBytes == 5000 - 32)
    }

    @Test func `a model with inputs too large to be generated is refused`() {
        let huge = ByteBuffer(string: #"{"inputs":[{"name":"x","datatype":"FP32","shape":[100000,100000]}]}"#)
        #expect(throws: ServingError.self) { try ModelInputs(metadata: huge, least: 0, seed: 1) }
    }
}
