import CONNXRuntime
import ServingCore

/// The owner of one of ONNX Runtime's objects: releases it when it is done.
///
/// `@unchecked Sendable` because the pointer never changes, and what may be called on the object from several threads
/// at once is the business of the type that holds this.
struct ORTHandle: ~Copyable, @unchecked Sendable {
    /// ONNX Runtime's function that releases objects of this kind.
    typealias Release = @convention(c) (OpaquePointer?) -> Void

    /// The object; valid as long as this owner.
    let pointer: OpaquePointer
    private let release: Release

    /// Takes over an object that the caller got from ONNX Runtime.
    init(owning pointer: OpaquePointer, release: @escaping Release) {
        self.pointer = pointer
        self.release = release
    }

    deinit {
        release(pointer)
    }
}
