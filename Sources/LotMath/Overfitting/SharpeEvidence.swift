/// What day returns say about the Sharpe ratio behind them.
///
/// All ratios are of one return (a day), not annualised: an annual one is √(periods a year) times
/// as large.
public struct SharpeEvidence: Sendable, Equatable {
    /// Number of returns.
    public let count: Int
    /// Mean over sample deviation; not a number without variation.
    public let sharpe: Double
    /// γ₃ of the returns, divisor n.
    public let skewness: Double
    /// γ₄ of the returns, divisor n: 3 for a normal distribution.
    public let kurtosis: Double

    /// Measures returns (``MetricEvaluator/dayReturns``).
    ///
    /// - Complexity: O(n).
    public init(_ returns: [Double]) {
        let moments = SeriesMoments(returns)
        count = moments.count
        sharpe = moments.deviation == 0 ? .nan : moments.sharpe
        skewness = moments.skewness
        kurtosis = moments.kurtosis
    }

    /// ``probabilisticSharpe(_:above:skewness:kurtosis:count:)`` of these returns.
    public func probability(above benchmark: Double = 0) -> Double {
        probabilisticSharpe(
            sharpe, above: benchmark, skewness: skewness, kurtosis: kurtosis, count: count)
    }

    /// ``minimumTrackRecord(_:above:skewness:kurtosis:confidence:)`` of these returns.
    public func trackRecord(above benchmark: Double = 0, confidence: Double = 0.95) -> Double {
        minimumTrackRecord(
            sharpe, above: benchmark, skewness: skewness, kurtosis: kurtosis,
            confidence: confidence)
    }

    /// Deflates the Sharpe ratio as the best of some trials; see ``DeflatedSharpe``.
    ///
    /// - Parameters:
    ///   - trials: N: all trials, or ``effectiveTrials(_:)`` of them.
    ///   - variance: V: ``sampleVariance(_:)`` of ``TrialBlocks/sharpes``.
    /// - Returns: The benchmark and the probability of being above it.
    public func deflated(trials: Double, variance: Double) -> DeflatedSharpe {
        DeflatedSharpe(
            sharpe, skewness: skewness, kurtosis: kurtosis, count: count, trials: trials,
            variance: variance)
    }
}
