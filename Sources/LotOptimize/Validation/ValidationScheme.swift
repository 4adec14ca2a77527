import LotCore

/// How a study shows what its choice is worth on data that it was not chosen on.
public enum ValidationScheme: Sendable, Hashable {
    /// Nothing is held back: only the statistics of overfitting speak.
    case none
    /// The search sees the bars before a time; its best are run on the rest.
    case split(at: Int64)
    /// The search is repeated on stretches of `train` milliseconds, and the best of each is run on
    /// the `test` milliseconds that follow; then everything moves on by `step`. Anchored stretches
    /// all begin where the data begin.
    ///
    /// R. Pardo, "The Evaluation and Optimization of Trading Strategies", 2nd ed., Wiley, 2008.
    case walkForward(train: Int64, test: Int64, step: Int64, isAnchored: Bool)
    /// The data are cut into `groups` stretches; each choice of `tested` of them is held back once
    /// and the search sees the others, less `purge` milliseconds before and `embargo` milliseconds
    /// after each stretch that is held back. One at a time is the purged k-fold, several the
    /// combinatorial purged cross-validation.
    ///
    /// M. López de Prado, "Advances in Financial Machine Learning", Wiley, 2018, chapters 7 and 12.
    case crossValidation(groups: Int, tested: Int, purge: Int64, embargo: Int64)
}

extension ValidationScheme {
    /// The scheme as people say it, lengths as the flags take them: `walk-forward 180d/60d`.
    ///
    /// It is a part of a study's identity: nothing that decides is rounded.
    public var text: String {
        switch self {
        case .none: return "none"
        case .split(let time): return "split at \(CivilTime.text(time))"
        case .walkForward(let train, let test, let step, let isAnchored):
            let lengths = [train, test] + (step == test ? [] : [step])
            return "walk-forward " + lengths.map(Self.length).joined(separator: "/")
                + (isAnchored ? " anchored" : "")
        case .crossValidation(let groups, let tested, let purge, let embargo):
            return "\(groups) groups, \(tested) held back, purge \(Self.length(purge)), "
                + "embargo \(Self.length(embargo))"
        }
    }

    /// A length of time, exact: `180d`, `36h`, `7d 7h 12m`.
    static func length(_ milliseconds: Int64) -> String {
        let hour: Int64 = 3_600_000
        if milliseconds % hour == 0, milliseconds % millisecondsPerDay != 0,
            milliseconds < 7 * millisecondsPerDay
        {
            return "\(milliseconds / hour)h"
        }
        var rest = milliseconds
        var parts: [String] = []
        let units = [
            ("d", millisecondsPerDay), ("h", hour), ("m", 60_000), ("s", 1_000), ("ms", 1),
        ]
        for (unit, size) in units where rest >= size {
            parts.append("\(rest / size)\(unit)")
            rest %= size
        }
        return parts.isEmpty ? "0" : parts.joined(separator: " ")
    }
}

/// One choice and its test.
public struct Fold: Sendable, Equatable {
    /// Its number from 1; 0 is the search over everything that may be seen.
    public var number: Int
    /// What the search sees.
    public var train: [Segment]
    /// What it does not see, in order of time.
    public var test: [Segment]

    /// Gathers a fold.
    public init(number: Int, train: [Segment], test: [Segment]) {
        self.number = number
        self.train = train
        self.test = test
    }
}
