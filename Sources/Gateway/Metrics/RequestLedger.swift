/// The account of all inference requests, model by model.
///
/// received = rejected + admitted, and admitted = met + late + missed + invalid + error + cancelled + in flight, at every
/// moment: the sums are made from the same counts that are shown.
struct RequestLedger: Equatable, Sendable {
    /// One model's account.
    struct Account: Equatable, Sendable {
        /// The name metrics carry.
        let model: String
        /// Requests refused at their head, by reason.
        fileprivate(set) var rejected: [RejectionReason: UInt64] = [:]
        /// Requests admitted.
        fileprivate(set) var admitted: UInt64 = 0
        /// How the admitted ones ended.
        fileprivate(set) var settled: [InferenceTicket.Outcome: UInt64] = [:]

        fileprivate init(model: String) {
            self.model = model
        }
    }

    /// Which account a model's requests are counted in.
    struct AccountID: Hashable, Sendable {
        fileprivate let index: Int
        /// Requests for models that are not in the catalog.
        static let unknown = AccountID(index: 0)
    }

    /// The most accounts, so that metrics stay bounded; further models share one called `other`.
    static let maximumAccounts = 512

    /// The accounts, first that of unknown models.
    private(set) var accounts = [Account(model: "unknown")]

    /// The account of a name, opened when it is first asked for.
    mutating func account(named name: String) -> AccountID {
        if let index = accounts.firstIndex(where: { $0.model == name }) { return AccountID(index: index) }
        guard accounts.count < Self.maximumAccounts || name == "other" else { return account(named: "other") }
        accounts.append(Account(model: name))
        return AccountID(index: accounts.count - 1)
    }

    /// Counts a refusal.
    mutating func reject(_ reason: RejectionReason, in account: AccountID) {
        accounts[account.index].rejected[reason, default: 0] += 1
    }

    /// Counts an admission.
    mutating func admit(in account: AccountID) {
        accounts[account.index].admitted += 1
    }

    /// Counts how an admitted request ended.
    mutating func settle(_ outcome: InferenceTicket.Outcome, in account: AccountID) {
        accounts[account.index].settled[outcome, default: 0] += 1
    }

    /// Heads that asked for an inference.
    var received: UInt64 { rejected + admitted }
    /// Those that were refused.
    var rejected: UInt64 { accounts.reduce(0) { $0 + $1.rejected.values.reduce(0, +) } }
    /// Those that were admitted.
    var admitted: UInt64 { accounts.reduce(0) { $0 + $1.admitted } }
    /// Admitted and not settled.
    var inFlight: UInt64 { admitted - accounts.reduce(0) { $0 + $1.settled.values.reduce(0, +) } }

    /// One account.
    subscript(account: AccountID) -> Account { accounts[account.index] }
    /// Those of all models that ended so.
    func settled(_ outcome: InferenceTicket.Outcome) -> UInt64 {
        accounts.reduce(0) { $0 + ($1.settled[outcome] ?? 0) }
    }
    /// Those of all models that were refused for this reason.
    func rejected(for reason: RejectionReason) -> UInt64 {
        accounts.reduce(0) { $0 + ($1.rejected[reason] ?? 0) }
    }
}
