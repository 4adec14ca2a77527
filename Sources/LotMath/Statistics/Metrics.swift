public import LotCore

/// Everything the search set is computed from: plain memory.
public struct MetricInput: Sendable {
    /// The equity that the engine marked at every bar of the window.
    public var equity: EquityTracker
    /// Closed trades in the order of their exits.
    public var trades: TradeSummary
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
    /// Where a joined run goes over from one stretch to the next, in order of time; empty for a run
    /// of one piece.
    public internal(set) var seams: [RunSeam] = []
    /// Days of a year, for annualised ratios.
    public var daysPerYear: Double

    /// Gathers the input.
    public init(
        equity: EquityTracker, trades: TradeSummary, fees: Double, slippage: Double,
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

    /// Gathers the input from trades in the order of their exits.
    public init(
        equity: EquityTracker, trades: [TradeRecord], fees: Double, slippage: Double,
        counters: RunCounters, windowBars: Int, startTime: Int64, endTime: Int64,
        daysPerYear: Double = 365
    ) {
        self.init(
            equity: equity,
            trades: TradeSummary(trades, startingCash: equity.base.equity), fees: fees,
            slippage: slippage, counters: counters, windowBars: windowBars,
            startTime: startTime, endTime: endTime, daysPerYear: daysPerYear)
    }

    /// Periods between closes in a year: 365 for days.
    public var periodsPerYear: Double {
        daysPerYear * Double(millisecondsPerDay) / Double(equity.periodMilliseconds)
    }

    /// The window's length in days.
    var days: Double { Double(duration) / Double(millisecondsPerDay) }

    /// Milliseconds between stretches of a joined run: they count for nothing.
    public var skipped: Int64 { seams.reduce(0) { $0 + $1.skipped } }

    /// Milliseconds that the run covers.
    var duration: Int64 { tested(from: startTime, to: endTime) }

    /// Milliseconds between two times that the run covers: what lies between stretches is left out.
    func tested(from start: Int64, to end: Int64) -> Int64 {
        seams.reduce(end - start) { length, seam in
            seam.time > start && seam.time <= end ? length - seam.skipped : length
        }
    }

    /// Years of the window by the count of closes.
    var countedYears: Double { Double(equity.closeCount) / periodsPerYear }

    /// Whether the window is long enough to say what a year would bring.
    var spansMonth: Bool { duration >= ReturnMetrics.shortestSpan }

    /// Final over starting equity, not a number for windows below ``ReturnMetrics/shortestSpan``.
    var growth: Double {
        spansMonth && equity.closeCount > 0 ? equity.last.equity / equity.base.equity : .nan
    }
}

/// Computes the search set of one run after another, with memory that is allocated once.
///
/// One evaluator serves one thread. Sums run in order, so the same input gives the same bits.
///
/// - Complexity: O(days + trades) a run.
public struct MetricEvaluator: Sendable {
    /// The newest run's metrics, numbered as ``MetricDefinition/search``; not a number where one
    /// is undefined, never infinite.
    public private(set) var values: [Double]
    private(set) var days = DaySeries()

    /// An evaluator that has seen no run.
    public init() {
        values = [Double](repeating: .nan, count: MetricDefinition.search.count)
    }

    /// Computes every metric of the search set into ``values``.
    public mutating func evaluate(_ input: MetricInput) {
        days.load(input)
        let market = MarketMetrics(days, input)
        let trades = input.trades.sums
        let returns = SeriesMoments(days.returns)
        var sink = MetricSink(values)
        values = []
        WindowMetrics.put(input, trades, into: &sink)
        AccountMetrics.put(input, trades, into: &sink)
        ReturnMetrics.put(input, returns, market, into: &sink)
        TailMetrics.put(input, &days, returns, into: &sink)
        market.put(input, into: &sink)
        DrawdownMetrics.put(input, &days, returns, into: &sink)
        ClosedMetrics.put(input, &days, trades, into: &sink)
        TradeMetrics.put(input, trades, input.trades.fractions, into: &sink)
        TrustMetrics.put(input, trades, into: &sink)
        values = sink.finish()
    }

    /// The metric with a number of ``MetricDefinition/searchIndex(of:)``, `nil` if undefined.
    public subscript(index: Int) -> Double? { values[index].isNaN ? nil : values[index] }
}

/// Takes metrics in the order of their definitions; what is not finite becomes not a number.
struct MetricSink {
    private var values: [Double]
    private(set) var count = 0

    init(_ values: consuming [Double]) { self.values = values }

    mutating func put(_ value: Double) {
        values[count] = value.isFinite ? value : .nan
        count += 1
    }

    mutating func put(_ value: Int) { put(Double(value)) }

    consuming func finish() -> [Double] {
        precondition(count == values.count, "metrics and definitions differ in number")
        return values
    }
}

/// Computes every metric of ``MetricDefinition/all``.
///
/// - Parameters:
///   - input: The run.
///   - details: Its tables; metrics that come from them are undefined without.
/// - Returns: The metrics in that order; a value is `nil` where it is undefined, and never
///   infinite or not a number.
/// - Complexity: O(days + trades).
public func computeMetrics(
    _ input: MetricInput, _ details: RunDetails = RunDetails()
) -> [MetricValue] {
    var evaluator = MetricEvaluator()
    evaluator.evaluate(input)
    let values = evaluator.values + ReportMetrics.values(input, details)
    return zip(MetricDefinition.all, values).map { definition, value in
        MetricValue(definition.key, value.isFinite ? value : nil)
    }
}
