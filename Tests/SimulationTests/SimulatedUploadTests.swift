import ServingCore
import Testing

@testable import Simulation

struct SimulatedUploadTests {
    private func upload(granted: Double?, link: Double, buffers: UploadBuffers = UploadBuffers()) -> SimulatedUpload {
        SimulatedUpload(
            device: 0,
            efficiency: 1,
            bits: 8000,
            buffers: buffers,
            granted: granted.map { BitsPerSecond($0) },
            link: link,
            at: 0
        )
    }

    @Test func `without buffers the slower of grant and link counts`() {
        #expect(upload(granted: 1000, link: 4000).end == 8)
        #expect(upload(granted: 4000, link: 1000).end == 8)
        #expect(upload(granted: nil, link: 1000).end == 8)
        #expect(upload(granted: nil, link: 0).end == .infinity)
        #expect(upload(granted: 0, link: 1000).end == .infinity)
    }

    @Test func `what buffers hold comes at the link's speed, and the last byte of a body is not waited for`() {
        // 3000 bits of buffers: they are full after one second, in which 4000 bits come; 4000 are left for the grant.
        let buffers = UploadBuffers(kernel: ByteCount(250), connection: ByteCount(125))
        var upload = upload(granted: 1000, link: 4000, buffers: buffers)
        #expect(upload.end == 5)
        upload.settle(at: 1)
        #expect(upload.left == 4000)
        // One thousand was read, and as much lies where the gateway looks.
        #expect(upload.seen == 2000)
        upload.settle(at: 2)
        #expect(upload.left == 3000 && upload.end == 5)
        // Buffers that are full stay so until it is read faster than the link sends.
        upload.setGranted(BitsPerSecond(8000), at: 2)
        #expect(upload.end == 2.75)
        upload.settle(at: 2.75)
        #expect(upload.left == 0)
    }

    @Test(arguments: [0.3, 1, 2.2, 4.9])
    func `when it is looked at does not change when it ends`(instant: Double) {
        let buffers = UploadBuffers(kernel: ByteCount(250), connection: ByteCount(125))
        var upload = upload(granted: 1000, link: 4000, buffers: buffers)
        let end = upload.end
        upload.settle(at: instant)
        #expect(abs(upload.end - end) < 1e-9)
    }

    @Test func `buffers of a held upload are between half full and full`() {
        let buffers = UploadBuffers.ofHeldUpload(kernel: ByteCount(1000), connection: ByteCount(400))
        #expect(buffers == UploadBuffers(kernel: ByteCount(750), connection: ByteCount(300)))
    }

    @Test func `what a held upload saved up for a step is lost at its end`() {
        // 36,000 bytes; at 500,000 bytes/s a step has 4 KiB, and half of 5 ms is worth 1250 bytes.
        let fluid = UploadBuffers(kernel: ByteCount(24_000), connection: ByteCount(12_000))
        let stepped = UploadBuffers(kernel: fluid.kernel, connection: fluid.connection, tick: .milliseconds(5))
        #expect(fluid.bits(aheadOf: 4e6) == 288_000)
        #expect(stepped.bits(aheadOf: 4e6) == Double(36_000 - 4096 - 1250) * 8)
        #expect(stepped.bits(aheadOf: .infinity) == 288_000)
        #expect(UploadBuffers(tick: .milliseconds(5)).bits(aheadOf: 4e6) == 0)
        let ends = [fluid, stepped].map { buffers in
            SimulatedUpload(
                device: 0,
                efficiency: 1,
                bits: 1.2e6,
                buffers: buffers,
                granted: BitsPerSecond(4e6),
                link: 20e6,
                at: 0
            ).end
        }
        #expect(abs(ends[1] - ends[0] - Double(4096 + 1250) * 8 / 4e6) < 1e-9, "\(ends)")
    }

    @Test func `a link that is slower than the grant knows no steps`() {
        let buffers = UploadBuffers(kernel: ByteCount(250), tick: .milliseconds(5))
        #expect(upload(granted: 4000, link: 1000, buffers: buffers).end == 8)
    }
}
