internal import CCurl
internal import JSONCoding
internal import ServingCore

/// The calls of ETSI GS MEC 015 over libcurl, one after the other on one connection that is kept; for one thread at a time.
struct BandwidthManagementClient: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let settings: BandwidthManagementSettings

    /// libcurl wants to be started once in a process.
    private static let isStarted = CCurl_global_start() == CURLE_OK

    /// Makes a client; nil where libcurl gives none.
    init?(_ settings: BandwidthManagementSettings) {
        guard Self.isStarted, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.settings = settings
        // Without "Expect": the bodies are short, and a server that does not know it costs a second.
        let type = curl_slist_append(nil, "Content-Type: application/json")
        headers = curl_slist_append(type, "Expect:")
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
    }

    /// Makes a call and waits for its end, at most for the configured time.
    borrowing func perform(_ call: AllocationCall) -> AllocationResult {
        switch call {
        case .create(let device, let rate):
            let status = send("POST", "bw_allocations", information(device, rate))
            guard status == 201 else { return Self.failure(status) }
            return createdID.map(AllocationResult.created) ?? .unavailable
        case .replace(let id, let device, let rate):
            let status = send("PUT", "bw_allocations/\(id.rawValue)", information(device, rate))
            return status == 200 ? .done : Self.failure(status)
        case .delete(let id, _):
            let status = send("DELETE", "bw_allocations/\(id.rawValue)", nil)
            return status == 204 || status == 200 ? .done : Self.failure(status)
        }
    }

    private func information(_ device: String, _ rate: BitsPerSecond) -> String {
        let body = BandwidthInformation(
            applicationInstance: settings.applicationInstance,
            device: device,
            port: settings.port,
            rate: rate
        )
        return String(decoding: body.json().array, as: UTF8.self)
    }

    /// The answer's status; 0 where none came.
    private borrowing func send(_ method: String, _ path: String, _ body: String?) -> Int {
        // Options of the call before go, the connection stays.
        curl_easy_reset(handle)
        let isSet = [
            CCurl_set_text(handle, CURLOPT_URL, "\(settings.root)/\(path)"),
            CCurl_set_text(handle, CURLOPT_CUSTOMREQUEST, method),
            CCurl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            // The platform is next door; a proxy of the environment is not meant for it.
            CCurl_set_text(handle, CURLOPT_PROXY, ""),
            CCurl_set_number(handle, CURLOPT_NOSIGNAL, 1),
            CCurl_set_number(handle, CURLOPT_TIMEOUT_MS, max(Int(settings.timeout.inMilliseconds), 1)),
            CCurl_set_headers(handle, headers),
            CCurl_drop_body(handle),
            body.map { CCurl_set_text(handle, CURLOPT_COPYPOSTFIELDS, $0) } ?? CURLE_OK,
        ]
        guard isSet.allSatisfy({ $0 == CURLE_OK }), curl_easy_perform(handle) == CURLE_OK else { return 0 }
        return CCurl_status(handle)
    }

    /// The new allocation's name: the last part of the resource named by `Location`.
    private var createdID: AllocationID? {
        guard let text = CCurl_header(handle, "Location") else { return nil }
        let path = String(cString: text).split(separator: "?", omittingEmptySubsequences: false).first ?? ""
        return path.split(separator: "/").last.flatMap { AllocationID(rawValue: String($0)) }
    }

    private static func failure(_ status: Int) -> AllocationResult {
        switch status {
        case 404: .gone
        case 408, 429: .unavailable
        case 400..<500: .refused
        default: .unavailable
        }
    }
}
