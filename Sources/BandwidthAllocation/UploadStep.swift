public import ServingCore

/// By how much an upload that is held to a rate goes on at a time.
public enum UploadStep {
    /// How many bytes a step at `rate` is worth: 20 ms of the rate so that the flow stays even, but at least a packet and at most
    /// 4 KiB, since a wake-up costs as much as reading some kilobytes. Never more than a ``TokenBucket`` can hold.
    public static func bytes(of rate: BitsPerSecond) -> Int {
        Int(min(4096, max(rate.bytesPerSecond * 0.02, 1400)))
    }
}
