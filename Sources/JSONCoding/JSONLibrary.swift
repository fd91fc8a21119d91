internal import CJansson

/// What jansson needs once per process.
enum JSONLibrary {
    /// Seeds the hash of object keys, so that a client cannot choose keys that collide; the first caller does it and
    /// the others wait, because jansson's own seeding is not to be raced with an explicit one.
    static func prepare() {
        _ = seeded
    }

    private static let seeded: Bool = {
        // Zero would ask jansson to make a seed of its own from the clock and the process id.
        json_object_seed(Int(UInt32.random(in: 1 ... .max)))
        return true
    }()
}
