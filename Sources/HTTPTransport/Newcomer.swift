import ServingCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A connection that was accepted and is not served yet: its first byte tells what its client speaks.
struct Newcomer {
    let descriptor: Int32
    /// The peer's address.
    let address: sockaddr_storage
    let addressLength: socklen_t
    /// When it is served whatever it speaks: it has sent nothing by then.
    let deadline: MonotonicInstant

    /// How long a client is waited for. One that connects and says nothing is served all the same, by the limits that hold for it.
    static let patience = Duration.milliseconds(50)

    /// What its client speaks, as far as is known.
    enum Speech {
        case nothingYet, tls, other
    }

    /// Looks at the first byte, which stays where it is.
    func speech(at now: MonotonicInstant) -> Speech {
        var byte: UInt8 = 0
        let received = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        if received == 1 { return byte == TLSConnection.handshakeRecord ? .tls : .other }
        return received < 0 && errno == EAGAIN && now < deadline ? .nothingYet : .other
    }
}
