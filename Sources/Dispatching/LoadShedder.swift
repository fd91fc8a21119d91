import ServingCore

/// How much more is asked for than can be served, which requests are refused for it, and what plans leave free meanwhile.
///
/// Under overload, admitting one request displaces another, so some that could be in time are refused. Nothing is refused by this
/// where batches of any size could serve all that is asked for, nor unless admission itself had to turn away a request: while all
/// requests fit, none displaces another. Each request is asked about in turn: ``begin(item:cost:at:)``; where it
/// ``isOver(within:at:)`` whether it is refused; then what became of it.
struct LoadShedder: Sendable {
    /// How promises are kept.
    private(set) var promises = PromiseMargin()

    private let fairPart: Double
    private let loadSpacing: Double
    /// What all arrivals together ask for.
    private var offered = OfferedLoad()
    /// The same by what each of them costs, and what was given.
    private var costs = CostClasses()
    /// What the request asked about last would cost, in seconds of the executor; 0 where it could not be served in any case.
    private var cost = 0.0
    /// When a batch whose model was not in memory was opened last, in seconds.
    private var openedAt = -Double.infinity
    /// Whether the request asked about last would open such a batch.
    private var isOpening = false
    /// The longest time to answer, in seconds, for which admission had no time left since the overload began; 0: for none.
    private var crowdedWindow = 0.0

    /// Whether batches that need a load are opened one after the other.
    var spacesLoads: Bool { loadSpacing > 0 }

    /// What plans leave beyond margins where at least twice as much is asked for as can be done.
    private static let mostCaution = 0.3
    /// A request may have this many times as much time to answer as one that was turned away and still take its place; one with
    /// more time can wait until that one would be done.
    private static let displacement = 2.0

    /// `fairPart` of the executor's time is kept for requests which cost more than others; batches that need a load are opened
    /// `loadSpacing` times as far apart as the load takes, times what is asked for in excess.
    init(fairPart: Double, loadSpacing: Double) {
        self.fairPart = fairPart
        self.loadSpacing = loadSpacing
    }

    /// The safety factor of plans beyond their margins. While more is asked for than can be done, a refusal costs nothing: another
    /// request is served instead.
    func caution(at now: Double) -> Double {
        let excess = min(max(offered.share(at: now) - 1, 0), 1)
        return max(promises.factor(at: now), 1 + Self.mostCaution * excess)
    }

    /// Whether more is asked for than batches of any size could serve, and admission itself had to turn away a request whose
    /// place one with `window` seconds to answer might take.
    ///
    /// The offered load alone does not show it: clients that each wait for their answer offer what can be served, give or take chance.
    func isOver(within window: Double, at now: Double) -> Bool {
        window <= crowdedWindow * Self.displacement && offered.share(at: now) > 1
    }

    mutating func notePromiseKept(at now: Double) { promises.noteKept(at: now) }

    mutating func notePromiseBroken(at now: Double) { promises.noteBroken(at: now) }
}

extension LoadShedder {
    /// Asks about a request that adds `item` seconds to a batch that runs anyway, and `cost` to what the executor has to do as it is;
    /// no cost where it could not be served even alone, as it then displaces no other request.
    mutating func begin(item: Double, cost: Double?, at now: Double) {
        (isOpening, self.cost) = (false, 0)
        offered.note(item, at: now)
        if offered.share(at: now) <= 1 { crowdedWindow = 0 }
        guard let cost else { return }
        self.cost = cost
        costs.noteOffered(cost, at: now)
    }

    /// Refuses the request if it costs more than other requests that fill the executor's time.
    ///
    /// In order of arrival, expensive requests would be served as often as cheap ones. Most requests are in time if those come
    /// first that add the least to the executor's work: requests that join a waiting batch before those that need one of their
    /// own, and small models before large ones. The others are admitted as far as these leave time, and for ``fairPart`` of it at
    /// least. While the executor has no work, no request displaces another.
    func costRefusal(hasWork: Bool) -> ServingError? {
        guard fairPart < 1, cost > 0, hasWork, costs.isOutbid(cost, fairPart: fairPart) else { return nil }
        return ServingError(
            .queueFull,
            "more is asked for than can be served: requests that take less of the accelerator's time come first",
            retryAfter: .seconds(1)
        )
    }

    /// Refuses the request, which needs a load of its own that takes `load` seconds, before its turn.
    ///
    /// In order of arrival, a plan fills with small batches of many models: each arrival finds just the time that became
    /// free, and spends it on a load. A request whose model is in memory and stays there, or whose batch waits, costs a fraction of
    /// that. So batches that need a load are opened ``loadSpacing`` times as far apart as the load takes, times what is asked for in
    /// excess, and every model has its turn.
    mutating func loadRefusal(taking load: Double, at now: Double) -> ServingError? {
        isOpening = true
        let wait = openedAt + load * loadSpacing * (offered.share(at: now) - 1) - now
        guard wait > 0 else { return nil }
        return ServingError(
            .queueFull,
            "more is asked for than can be served: models that are in memory come first, others are loaded one after the other",
            retryAfter: Dispatcher.duration(wait)
        )
    }

    /// The request is admitted.
    mutating func noteAdmission(at now: Double) {
        if isOpening { openedAt = now }
        if cost > 0 { costs.noteAdmitted(cost, at: now) }
    }

    /// Admission refused the request, which had `window` seconds to answer; a refusal for a reason other than time displaces no
    /// request, and one of a request that `hadRoom` and would have got a batch of its own but for overload is not for want of time.
    mutating func noteRefusal(_ code: ServingError.Code, within window: Double, hadRoom: Bool, at now: Double) {
        guard cost > 0 else { return }
        if code != .deadlineUnreachable { costs.takeBack(cost) }
        guard code == .deadlineUnreachable || code == .queueFull else { return }
        if hadRoom { return }
        noteTurnedAway(within: window, at: now)
    }

    /// Records that admission found no time left for a request with `window` seconds to its deadline.
    mutating func noteTurnedAway(within window: Double, at now: Double) {
        guard offered.share(at: now) > 1 else { return }
        crowdedWindow = max(crowdedWindow, window)
    }
}
