import LotCore
public import LotMath

/// How much of the best trial may be luck: every statistic of overfitting that a study can give
/// without running anything but the best trial again.
///
/// - SeeAlso: `docs/overfitting.md`.
public struct LuckReport: Sendable, Equatable {
    /// What the best trial's day returns say.
    public var evidence: SharpeEvidence
    /// Days of a year, for annual figures.
    public var periodsPerYear: Double
    /// Trials of this study that ran.
    public var trials: Int
    /// Trials of earlier studies of the same script on the same data.
    public var earlierTrials: Int
    /// The probability that the Sharpe ratio is above 0.
    public var probabilistic: Double
    /// The same above what the best of all these trials would reach by luck alone.
    public var deflated: DeflatedSharpe
    /// Trials that are different from each other, by how their returns go together.
    public var effectiveTrials: Double
    /// Days it takes to believe that the Sharpe ratio is above 0, at 95 %.
    public var trackRecord: Double
    /// The probability of backtest overfitting; `nil` where there is an ``obstacle``.
    public var overfitting: BacktestOverfitting?
    /// Why trials cannot be cross-validated.
    public var obstacle: String?
    /// How far the target falls around the best.
    public var stability: ParameterStability
    /// The trades in other orders; `nil` below two trades.
    public var shuffled: TradeResampling?
    /// The trades drawn with replacement; `nil` below two trades.
    public var redrawn: TradeResampling?
    /// The days drawn in blocks; `nil` below two days.
    public var bootstrap: StationaryBootstrap?

    /// The words of the verdict: what a careful trader would say, one sentence each.
    public var verdict: [String] {
        var sentences: [String] = []
        let total = grouped(trials + earlierTrials)
        if trials + earlierTrials < 2 {
            sentences.append("One trial says nothing of how much choosing the best is luck.")
        } else if deflated.probability.isNaN {
            sentences.append("The Sharpe ratio of the best cannot be judged: its days do not vary.")
        } else if deflated.probability >= 0.95 {
            sentences.append(
                "The best is better than luck alone would make the best of \(total) trials.")
        } else {
            sentences.append(
                "Luck alone can explain the best of \(total) trials: do not trust it yet.")
        }
        if let overfitting {
            switch overfitting.probability {
            case ..<0.2:
                sentences.append("What is best in one half of the days stays good in the other.")
            case ..<0.5:
                sentences.append(
                    "What is best in one half of the days is often worse in the other.")
            default:
                sentences.append("Choosing the best is of no use: it is as often below the median.")
            }
        }
        if stability.neighbours > 0, stability.plateau < 0.5 {
            sentences.append("The best stands on a peak: a step aside costs half of it or more.")
        }
        if trackRecord.isFinite, trackRecord > Double(evidence.count) {
            sentences.append("The data are too short to tell its Sharpe ratio from 0.")
        }
        return sentences
    }
}
