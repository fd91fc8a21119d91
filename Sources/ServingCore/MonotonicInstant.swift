/// A point on a clock that never jumps, in nanoseconds from an origin the clock chooses.
public struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
    /// Nanoseconds since the clock's origin.
    public let nanoseconds: Int64

    /// Makes the instant that lies `nanoseconds` after the clock's origin.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The clock's origin.
    public static let origin = MonotonicInstant(nanoseconds: 0)

    /// A later than any deadline that can be asked for.
    public static let distantFuture = MonotonicInstant(nanoseconds: .max)

    /// The instant `duration` later, clamped to the clock's range.
    public func advanced(by duration: Duration) -> MonotonicInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.clampedNanoseconds)
        guard overflow else { return MonotonicInstant(nanoseconds: sum) }
        return MonotonicInstant(nanoseconds: duration < .zero ? .min : .max)
    }

    /// The time from here to `other`, negative where `other` is earlier.
    public func duration(to other: MonotonicInstant) -> Duration {
        .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
    }

    /// Seconds from here to `other`, for solvers that calculate in floating point.
    public func seconds(to other: MonotonicInstant) -> Double {
        (Double(other.nanoseconds) - Double(nanoseconds)) * 1e-9
    }

    /// Whether `lhs` is earlier than `rhs`.
    public static func < (lhs: MonotonicInstant, rhs: MonotonicInstant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }
}
