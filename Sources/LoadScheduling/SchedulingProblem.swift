/// User scheduling as `problem.md` states it: a server, where it stands, and the requests; all by dense index.
public struct SchedulingProblem: Hashable, Sendable {
    /// A user's task (k of the paper).
    public struct Request: Hashable, Sendable {
        /// Which model it asks for.
        public var model: Int
        /// Bits that are still to be uploaded (D_k); 0 where the upload is done.
        public var bits: Double
        /// What its link carries per hertz (e_k), in bit/s/Hz.
        public var efficiency: Double
        /// When it must be done (d_k), in seconds on the state's axis.
        public var deadline: Double
        /// When an upload that nobody paces is expected to end; `-infinity` where it is done or paced.
        public var uploadEnd: Double
        /// What serving it is worth.
        public var weight: Double

        /// Makes a request.
        public init(
            model: Int,
            bits: Double = 0,
            efficiency: Double = 1,
            deadline: Double,
            uploadEnd: Double = -.infinity,
            weight: Double = 1
        ) {
            self.model = model
            self.bits = bits
            self.efficiency = efficiency
            self.deadline = deadline
            self.uploadEnd = uploadEnd
            self.weight = weight
        }

        /// D_k / e_k in hertz seconds: what the upload needs of the uplink.
        public var uplinkWork: Double { bits > 0 ? bits / efficiency : 0 }
    }

    /// The server.
    public var server: EdgeServer
    /// Where it stands at the moment of planning.
    public var state: ServerState
    /// The requests.
    public var requests: [Request]

    /// Makes a problem.
    public init(server: EdgeServer, state: ServerState = ServerState(), requests: [Request]) {
        self.server = server
        self.state = state
        self.requests = requests
        self.state.lanes.resize(to: server.lanes)
        if !server.hasGroups { self.server.groupBlocks() }
    }

    /// The outline of a batch of `requests`, none of them out of range, all for `model`.
    public func outline(of batch: some Sequence<Int>, model: Int) -> BatchOutline {
        var outline = BatchOutline(model: model, count: 0, deadline: .infinity)
        for index in batch {
            let request = requests[index]
            outline.count += 1
            outline.deadline = min(outline.deadline, request.deadline)
            outline.uploadEnd = max(outline.uploadEnd, request.uploadEnd)
            outline.uplinkWork += request.uplinkWork
        }
        return outline
    }
}
