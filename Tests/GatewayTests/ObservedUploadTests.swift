import HTTPTransport
import ServingCore
import Testing

@testable import Gateway

struct ObservedUploadTests {
    private func progress(_ seconds: Double, _ bytes: Int, held: Double) -> UploadProgress {
        UploadProgress(
            receivedBytes: bytes,
            held: .seconds(held),
            at: MonotonicInstant.origin.advanced(by: .seconds(seconds))
        )
    }

    @Test func `a sample starts with the first byte and spans at least a tenth of a second`() {
        var upload = ObservedUpload(id: RequestID(rawValue: 1), device: "10.0.0.1")
        #expect(upload.observe(progress(0, 0, held: 0)).sample == nil)
        #expect(upload.observe(progress(1, 1000, held: 0)).sample == nil)
        #expect(upload.observe(progress(1.05, 2000, held: 0)).sample == nil)
        let sample = upload.observe(progress(1.125, 6000, held: 0)).sample
        #expect(sample == ObservedUpload.LinkSample(bytes: 5000, span: .milliseconds(125), isLinkLimited: true))
    }

    @Test func `an upload that was held back is not limited by its link`() {
        var upload = ObservedUpload(id: RequestID(rawValue: 1), device: "10.0.0.1")
        _ = upload.observe(progress(0, 1000, held: 0))
        let seen = upload.observe(progress(0.125, 6000, held: 0.1))
        #expect(seen.isHeld)
        #expect(seen.sample?.isLinkLimited == false)
        #expect(!upload.observe(progress(0.150, 7000, held: 0.1)).isHeld)
    }

    @Test func `a device that sends nothing shows nothing of its link`() {
        var upload = ObservedUpload(id: RequestID(rawValue: 1), device: "10.0.0.1")
        _ = upload.observe(progress(0, 1000, held: 0))
        #expect(upload.observe(progress(0.5, 1000, held: 0)).sample == nil)
    }

    @Test func `an upload beside others from its address shows only a part of a link`() {
        var upload = ObservedUpload(id: RequestID(rawValue: 1), device: "10.0.0.1")
        _ = upload.observe(progress(0, 1000, held: 0))
        _ = upload.observe(progress(0.0625, 3000, held: 0), isAlone: false)
        #expect(upload.observe(progress(0.125, 6000, held: 0)).sample?.isLinkLimited == false)
        // Alone all the time, the next stretch shows the link again.
        #expect(upload.observe(progress(0.25, 11_000, held: 0)).sample?.isLinkLimited == true)
    }
}
