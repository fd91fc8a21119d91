/// What this gateway calls itself.
public enum GatewayVersion {
    /// The server's name in its metadata.
    public static let name = "inference-gateway"
    /// The version in its metadata and of its command line.
    public static let current = "0.1.0"
}
