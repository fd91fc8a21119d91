/// The most an instance may ask for: far over any server, and small enough that no sum overflows or loses its last microsecond.
enum InstanceBounds {
    /// About eleven days, the longest any time may be: double seconds keep 2e-10 s there.
    static let seconds = 1e6
    /// 8 PiB, up to where every integer is a double.
    static let bytes = 1 << 53
    /// The most of one upload.
    static let bits = 1e18
    /// The most of the uplink.
    static let hertz = 1e18
    /// The most a device sends per hertz.
    static let bitsPerHertz = 1e6
    /// The least of any number that must be over 0, so that quotients stay finite.
    static let least = 1e-9
    /// The most one request is worth.
    static let weight = 1e9
}
