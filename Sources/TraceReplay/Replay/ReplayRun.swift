import NIOCore
import NIOHTTP1
import ServingCore

/// One replay on its event loop.
final class ReplayRun {
    /// A request under way.
    private final class Flight {
        let call: HTTPCall
        let due: NIODeadline

        init(call: HTTPCall, due: NIODeadline) {
            self.call = call
            self.due = due
        }
    }

    /// How often it is looked whether requests are to be given up.
    private static let sweep = TimeAmount.milliseconds(100)

    private let requests: [TraceRequest]
    private let bodies: ReplayBodies
    private let authority: String
    private let options: ReplayOptions
    private let loop: any EventLoop
    private let destination: Destination
    private var addresses: DeviceAddresses
    /// One for each device with an address of its own, and one for all others.
    private var pools: [SocketAddress?: ConnectionPool] = [:]
    private let progress: @Sendable (ReplayProgress) -> Void
    private let done: EventLoopPromise<ReplayReport>
    private var links: [String: DeviceLink] = [:]
    private var flights: [Int: Flight] = [:]
    private var tally = ReplayTally()
    private var next = 0
    private var begin = NIODeadline.now()
    private var lastEnd = NIODeadline.now()
    private var isDone = false
    private var isInterrupted = false

    init(
        _ trace: Trace,
        _ bodies: ReplayBodies,
        _ address: ReplayAddress,
        _ destination: Destination,
        _ options: ReplayOptions,
        on loop: any EventLoop,
        progress: @escaping @Sendable (ReplayProgress) -> Void
    ) {
        requests = trace.requests
        self.bodies = bodies
        authority = address.authority
        self.options = options
        self.loop = loop
        self.progress = progress
        self.destination = destination
        addresses = DeviceAddresses(to: destination.socket)
        done = loop.makePromise()
    }

    /// Begins; the report comes when the last request has ended.
    func start() -> EventLoopFuture<ReplayReport> {
        // A moment to begin in, so that the first requests are not late for the set-up.
        begin = .now() + .milliseconds(20)
        lastEnd = begin
        every(Self.sweep) { [self] in giveUp() }
        every(.seconds(1)) { [self] in tell() }
        sendDue()
        return done.futureResult
    }

    /// Sends nothing more and gives up what is under way; the report comes at once.
    func interrupt() {
        isInterrupted = true
        giveUp(dueBefore: .distantFuture)
        finishIfDone()
    }

    private func every(_ interval: TimeAmount, _ work: @escaping () -> Void) {
        loop.assumeIsolated().scheduleTask(in: interval) { [self] in
            guard !isDone else { return }
            work()
            every(interval, work)
        }
    }

    private func time(of index: Int) -> NIODeadline {
        begin + .nanoseconds(Int64(requests[index].arrival / options.speed * 1e9))
    }

    /// Starts every request whose time has come, and asks for a call at the time of the next.
    private func sendDue() {
        guard !isInterrupted else { return }
        while next < requests.count, time(of: next) <= .now() {
            send(next)
            next += 1
        }
        guard next < requests.count else { return finishIfDone() }
        loop.assumeIsolated().scheduleTask(deadline: time(of: next)) { [self] in sendDue() }
    }

    private func send(_ index: Int) {
        let request = requests[index]
        let arrival = time(of: index)
        let deadline = arrival + .milliseconds(Int64(request.timeout))
        let expects = options.expectContinueBytes.map { bodies[index].bytes.readableBytes >= $0 } ?? false
        var started = arrival
        tally.send(model: request.model)
        let call = HTTPCall(
            head: head(of: index, expectsContinue: expects),
            body: bodies[index].bytes,
            expectsContinue: expects,
            link: link(of: request),
            started: { [self] in
                started = .now()
                tally.start(after: arrival.seconds(to: started))
            },
            ended: { [self] in end(index, $0, arrival: arrival, started: started, deadline: deadline) }
        )
        flights[index] = Flight(call: call, due: deadline + .nanoseconds(Int64(options.patience * 1e9)))
        pool(of: request).start(call)
    }

    private func pool(of request: TraceRequest) -> ConnectionPool {
        let source = request.linkRate == nil ? nil : addresses.address(of: request.device)
        if let pool = pools[source] { return pool }
        let pool = ConnectionPool(loop: loop, to: destination, from: source)
        pools[source] = pool
        return pool
    }

    private func link(of request: TraceRequest) -> DeviceLink? {
        guard let rate = request.linkRate else { return nil }
        if let link = links[request.device] { return link }
        let link = DeviceLink(bitsPerSecond: rate)
        links[request.device] = link
        return link
    }

    private func head(of index: Int, expectsContinue: Bool) -> HTTPRequestHead {
        let (request, body) = (requests[index], bodies[index])
        var headers = HTTPHeaders()
        headers.reserveCapacity(8)
        headers.add(name: "Host", value: authority)
        headers.add(name: "Content-Length", value: String(body.bytes.readableBytes))
        headers.add(name: "Inference-Timeout-Ms", value: String(request.timeout))
        if let length = body.headerBytes { headers.add(name: "Inference-Header-Content-Length", value: String(length)) }
        if let efficiency = request.spectralEfficiency {
            headers.add(name: "Inference-Spectral-Efficiency", value: "\(efficiency)")
        }
        if let key = options.apiKey { headers.add(name: "Authorization", value: "Bearer \(key)") }
        if expectsContinue { headers.add(name: "Expect", value: "100-continue") }
        let path = ReplayBodies.Model(request).path + "/infer"
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
    }

    private func end(
        _ index: Int,
        _ end: HTTPCall.End,
        arrival: NIODeadline,
        started: NIODeadline,
        deadline: NIODeadline
    ) {
        let now = NIODeadline.now()
        let outcome: ReplayOutcome =
            switch end {
            case .answered(let status, let body): .init(status: status, body: body, isInTime: now <= deadline)
            case .broken: .failed
            case .abandoned: .cancelled
            }
        let sent = flights.removeValue(forKey: index)?.call.sentBytes ?? 0
        tally.end(
            outcome,
            model: requests[index].model,
            sentBytes: sent,
            sinceArrival: arrival.seconds(to: now),
            sinceStart: started.seconds(to: now)
        )
        lastEnd = now
        finishIfDone()
    }

    private func giveUp() {
        giveUp(dueBefore: .now())
    }

    private func giveUp(dueBefore now: NIODeadline) {
        for flight in flights.values where flight.due < now {
            if let connection = flight.call.connection { connection.abandon() } else { flight.call.end(.abandoned) }
        }
    }

    private func tell() {
        progress(
            ReplayProgress(
                elapsed: begin.seconds(to: .now()),
                total: requests.count,
                counts: tally.report.counts
            )
        )
    }

    private func finishIfDone() {
        guard !isDone, isInterrupted || next == requests.count, tally.ended == next else { return }
        isDone = true
        for pool in pools.values { pool.close() }
        done.succeed(tally.finished(after: begin.seconds(to: lastEnd)))
    }
}

extension NIODeadline {
    /// Seconds from this time to another.
    fileprivate func seconds(to other: NIODeadline) -> Double {
        (Double(other.uptimeNanoseconds) - Double(uptimeNanoseconds)) * 1e-9
    }
}
