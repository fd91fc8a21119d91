internal import HTTPTransport
internal import Logging
internal import ServingCore

extension GatewayCore {
    /// Claims memory for a body of `bytes` announced bytes.
    ///
    /// - Throws: ``ServingError/Code/queueFull``, or ``ServingError/Code/quotaExceeded`` where the caller holds its part already.
    func claimBody(_ bytes: Int, for caller: CallerGate.Caller) throws(ServingError) -> MemoryClaim {
        do throws(MemoryShortage) {
            return try MemoryClaim(bytes, of: bodyMemory, for: caller)
        } catch {
            throw error.error("the bodies of requests")
        }
    }

    /// Claims memory for an answer of `bytes` bytes, as long as the client has not taken it.
    ///
    /// - Throws: as ``claimBody(_:for:)``.
    func claimAnswer(_ bytes: Int, for caller: CallerGate.Caller) throws(ServingError) -> MemoryClaim {
        do throws(MemoryShortage) {
            return try MemoryClaim(bytes, of: answerMemory, for: caller)
        } catch {
            repeatedLog.log(
                .warning,
                "answers that clients do not take fill the memory for them",
                metadata: ["bytes": "\(bytes)"]
            )
            throw error.error("the answers that were not taken")
        }
    }
}
