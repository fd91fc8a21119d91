/// The pointers libmicrohttpd hands over with a head; valid during that callback.
struct RawHead {
    let method: UnsafePointer<CChar>?
    let path: UnsafePointer<CChar>?
    let version: UnsafePointer<CChar>?

    /// The text at `pointer`, or none.
    static func text(_ pointer: UnsafePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
