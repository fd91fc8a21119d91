internal import JSONCoding
internal import ServingCore

/// The body of a call: BwInfo of ETSI GS MEC 015 V2.1.1, 7.2.2, for the uploads of one device.
///
/// Rates are changed with the whole of it (PUT) and not with BwInfoDeltas (PATCH): the published interface description asks there for a
/// `requestType` that is a text and at the same time one of two numbers, which no value can be.
struct BandwidthInformation: JSONWritable {
    /// SESSION_SPECIFIC_BW_ALLOCATION.
    private static let sessionSpecific = 1
    /// From the device to the application.
    private static let uplink = "01"
    /// TCP's protocol number.
    private static let protocolNumber = "6"

    /// Which application instance asks.
    let applicationInstance: String
    /// The address the device sends from.
    let device: String
    /// The port it sends to.
    let port: Int
    /// What it may send.
    let rate: BitsPerSecond

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("appInsId", applicationInstance)
            writer.member("requestType", Self.sessionSpecific)
            writer.key("sessionFilter")
            writer.array { writer in
                writer.object { writer in
                    writer.member("sourceIp", device)
                    writer.member("dstPort", [String(port)])
                    writer.member("protocol", Self.protocolNumber)
                }
            }
            writer.member("fixedAllocation", String(Int64(min(max(rate.rawValue, 0), 1e15).rounded())))
            writer.member("allocationDirection", Self.uplink)
        }
    }
}
