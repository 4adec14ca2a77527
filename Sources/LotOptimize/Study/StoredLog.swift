public import LotCore
public import LotStore

/// The trials of a study in the database: each batch is one durable transaction.
public struct StoredLog: TrialLog {
    private let store: StudyStore
    private let session: StudySession
    private let objective: Objective
    private let lastRung: Int
    private let now: @Sendable () -> Int64

    /// A log over a study that this process works on.
    ///
    /// - Parameters:
    ///   - store: The database.
    ///   - session: The study.
    ///   - objective: What ranks trials.
    ///   - lastRung: The round of successive halving that is ranked.
    ///   - now: The time, in milliseconds since 1970; it is stored and decides nothing.
    public init(
        _ store: StudyStore, _ session: StudySession, _ objective: Objective, lastRung: Int = 0,
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.session = session
        self.objective = objective
        self.lastRung = lastRung
        self.now = now
    }

    /// Number of trials of a search that are stored, without gaps from 0.
    public func count(fold: Int) throws(Diagnosis) -> Int {
        try store.count(of: session.study, fold: fold)
    }

    /// Hands over the trials of a search in order of their numbers.
    public func trials(
        fold: Int, from first: Int, _ body: (Trial) throws(Diagnosis) -> Void
    ) throws(Diagnosis) {
        try store.forEachTrial(of: session.study, fold: fold, from: first, parts: .all) {
            (stored: LotStore.Trial) throws(Diagnosis) in
            try body(Trial(stored))
            return true
        }
    }

    /// Stores further trials of a search.
    public mutating func append(_ trials: [Trial], fold: Int) throws(Diagnosis) {
        try session.append(trials.map { $0.stored(fold, objective, lastRung: lastRung) }, at: now())
    }
}

extension Trial {
    /// A trial as it was stored.
    public init(_ stored: LotStore.Trial) {
        let status: TrialStatus =
            switch stored.status {
            case .done:
                stored.violation == 0 && stored.values.allSatisfy(\.isFinite)
                    ? .feasible : .infeasible
            case .failed: .failed
            case .pruned: .refused
            }
        self.init(
            number: stored.number, point: Point(stored.point), status: status,
            values: stored.values, violation: stored.violation, metrics: stored.metrics,
            blocks: stored.blocks, message: stored.error, rung: stored.rung)
    }

    /// The trial as it is stored.
    ///
    /// Only those of the last round have a loss: the others ran over less, and cannot be the best.
    func stored(_ fold: Int, _ objective: Objective, lastRung: Int) -> LotStore.Trial {
        let kind: LotStore.TrialStatus =
            switch status {
            case .feasible, .infeasible: .done
            case .failed: .failed
            case .refused: .pruned
            }
        return LotStore.Trial(
            number: number, fold: fold, status: kind, point: point.coordinates, values: values,
            loss: status == .feasible && rung == lastRung ? objective.losses(values)[0] : nil,
            violation: violation, metrics: metrics, blocks: blocks, error: message, rung: rung)
    }
}
