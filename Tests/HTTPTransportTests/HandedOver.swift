/// Carries a value into a thread that has it for itself until it is joined.
///
/// `@unchecked Sendable` because the test that hands the value over does not touch it before it has joined the thread.
struct HandedOver<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
