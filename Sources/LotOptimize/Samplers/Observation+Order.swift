extension Observation {
    /// Whether every target is a number.
    var isDefined: Bool { !losses.contains { $0.isNaN } && !violation.isNaN }

    /// Whether every target is a number and every constraint holds.
    public var isFeasible: Bool { isDefined && violation <= 0 }

    /// The order of one target: what holds its constraints by loss, then what misses them by how
    /// far, then what has no loss; equals by number.
    public func isBetter(than other: Observation) -> Bool {
        let (mine, theirs) = (rank, other.rank)
        if mine.grade != theirs.grade { return mine.grade < theirs.grade }
        return mine.key == theirs.key ? number < other.number : mine.key < theirs.key
    }

    private var rank: (grade: Int, key: Double) {
        guard isDefined else { return (2, 0) }
        return violation <= 0 ? (0, losses.first ?? 0) : (1, violation)
    }

    /// Whether this trial is at least as good in every target and better in one.
    ///
    /// What holds its constraints dominates what misses them; of two that miss them, the one that
    /// misses them less dominates; what is undefined is dominated by all that is not.
    ///
    /// - SeeAlso: Deb, Pratap, Agarwal and Meyarivan, "A fast and elitist multiobjective genetic
    ///   algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6(2), 2002, VI.
    public func dominates(_ other: Observation) -> Bool {
        guard isDefined else { return false }
        guard other.isDefined else { return true }
        if violation > 0 || other.violation > 0 {
            return max(0, violation) < max(0, other.violation)
        }
        var isBetter = false
        for (mine, theirs) in zip(losses, other.losses) {
            if mine > theirs { return false }
            if mine < theirs { isBetter = true }
        }
        return isBetter
    }
}
