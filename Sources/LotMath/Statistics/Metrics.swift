public import LotCore

/// Everything the metrics of a run are computed from.
public struct MetricInput: Sendable {
    /// The equity that the engine marked at every bar of the window.
    public var equity: EquityTracker
    /// Closed trades, oldest first.
    public var trades: [Trade]
    /// Fees of all fills, in quote currency.
    public var fees: Double
    /// What slippage cost over all fills, in quote currency.
    public var slippage: Double
    /// Counts of the run.
    public var counters: RunCounters
    /// Bars of the decision window.
    public var windowBars: Int
    /// Open time of the window's first bar (milliseconds since the epoch).
    public var startTime: Int64
    /// Close time of the window's last bar.
    public var endTime: Int64
    /// Days of a year, for annualised ratios.
    public var daysPerYear: Double

    /// Gathers the input.
    public init(
        equity: EquityTracker, trades: [Trade], fees: Double, slippage: Double,
        counters: RunCounters, windowBars: Int, startTime: Int64, endTime: Int64,
        daysPerYear: Double = 365
    ) {
        self.equity = equity
        self.trades = trades
        self.fees = fees
        self.slippage = slippage
        self.counters = counters
        self.windowBars = windowBars
        self.startTime = startTime
        self.endTime = endTime
        self.daysPerYear = daysPerYear
    }
}

/// Returns every metric of ``MetricDefinition/all``, in that order.
///
/// A value is `nil` where the metric is undefined; none is ever infinite or not a number.
///
/// - Complexity: O(days + trades).
public func computeMetrics(_ input: MetricInput) -> [MetricValue] {
    let ratios = ReturnMetrics(input)
    let values =
        WindowMetrics.values(input) + AccountMetrics.values(input) + ratios.values
        + DrawdownMetrics.values(input) + TradeMetrics.values(input) + TrustMetrics.values(input)
    return zip(MetricDefinition.all, values).map { definition, value in
        MetricValue(definition.key, value.flatMap { $0.isFinite ? $0 : nil })
    }
}

/// Returns `a / b`, or `nil` where `b` is 0 or the quotient is not finite.
func quotient(_ a: Double, _ b: Double) -> Double? {
    let value = a / b
    return b != 0 && value.isFinite ? value : nil
}

/// Returns the arithmetic mean, summed in order, or `nil` of nothing.
func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// Deviations below this are the rounding of doubles near 1, not variation.
///
/// A return is a quotient near 1 minus 1, so it carries an error of up to 2⁻⁵³ ≈ 1.1e-16.
private let roundingDeviation = 1e-15

/// Returns the sample standard deviation (divisor n − 1), in two passes; `nil` below two values.
///
/// A spread that rounding alone explains is 0.
func sampleDeviation(_ values: [Double]) -> Double? {
    guard values.count > 1, let center = mean(values) else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    return deviation < roundingDeviation ? 0 : deviation
}
