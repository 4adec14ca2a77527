public import LotCore

/// Where the trials of a study are kept: the database, or the file of a shard.
public protocol TrialLog {
    /// Number of trials of a search that are kept, without gaps from 0.
    func count(fold: Int) throws(Diagnosis) -> Int

    /// Hands over the trials of a search in order of their numbers.
    ///
    /// - Complexity: O(trials); constant memory.
    func trials(
        fold: Int, from first: Int, _ body: (Trial) throws(Diagnosis) -> Void
    ) throws(Diagnosis)

    /// Keeps further trials of a search: once this returns they survive a crash.
    mutating func append(_ trials: [Trial], fold: Int) throws(Diagnosis)
}

/// Trials in memory, for tests and for searches that are not kept.
public struct MemoryLog: TrialLog {
    private var kept: [Int: [Trial]] = [:]

    /// A log of nothing.
    public init() {}

    /// Number of trials of a search that are kept.
    public func count(fold: Int) -> Int { kept[fold]?.count ?? 0 }

    /// Hands over the trials of a search in order of their numbers.
    public func trials(
        fold: Int, from first: Int, _ body: (Trial) throws(Diagnosis) -> Void
    ) throws(Diagnosis) {
        for trial in (kept[fold] ?? []).dropFirst(first) { try body(trial) }
    }

    /// Keeps further trials of a search.
    public mutating func append(_ trials: [Trial], fold: Int) {
        kept[fold, default: []] += trials
    }
}
