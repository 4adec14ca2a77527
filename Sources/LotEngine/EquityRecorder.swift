public import LotCore

/// The account's value over a run: peak, maximum drawdown, day closes and the curve to show.
///
/// Fed once per bar. The peak and the maximum drawdown see every bar's close; ratios of returns
/// use the equity at each UTC day's close (at each bar's for longer bars), so that they do not
/// depend on the bar's length (`docs/execution.md`, rule 18). A bar that closes at midnight
/// belongs to the day before it.
public struct EquityRecorder: Sendable {
    /// Runs up to this many bars keep a point of the curve for every bar, longer ones a day.
    public static let everyBarLimit = 50_000

    /// Highest equity at any bar's close, the starting cash included.
    public private(set) var peak: Double
    /// Largest fall below the running peak, as a fraction of the peak.
    public private(set) var maxDrawdown = 0.0
    /// One point per UTC day, at its last bar's close.
    public private(set) var days: [EquityPoint] = []
    /// The curve to show: every bar, or ``days`` for long runs.
    public var curve: [EquityPoint] { keepsEveryBar ? every : days }

    private var every: [EquityPoint] = []
    private let keepsEveryBar: Bool
    private var alarm: Double
    private var dayEnd = Int64.min
    private var last: EquityPoint?

    /// A recorder for a run of `bars` bars that starts with `cash`.
    public init(cash: Double, bars: Int) {
        peak = cash
        alarm = cash
        keepsEveryBar = bars <= EquityRecorder.everyBarLimit
        if keepsEveryBar { every.reserveCapacity(bars) }
    }

    /// Takes the account's value at a bar's close.
    ///
    /// - Parameters:
    ///   - time: When the bar closed (milliseconds since the epoch), rising from call to call.
    ///   - equity: Cash plus the position at `close`, in quote currency.
    ///   - position: Signed position in base currency.
    ///   - close: The bar's close.
    /// - Complexity: O(1).
    @inline(__always)
    public mutating func mark(time: Int64, equity: Double, position: Double, close: Double) {
        if equity > peak {
            peak = equity
            alarm = peak * (1 - maxDrawdown)
        } else if equity < alarm {
            maxDrawdown = max(maxDrawdown, 1 - equity / peak)
            alarm = peak * (1 - maxDrawdown)
        }
        if time > dayEnd { endDay(before: time) }
        let point = EquityPoint(
            time: time, equity: equity, drawdown: 0, position: position, close: close)
        if keepsEveryBar { keep(point) }
        last = point
        lastPeak = peak
    }

    /// Ends the run: the last bar's value, after everything was closed.
    public mutating func finish(equity: Double) {
        guard var point = last else { return }
        if equity < alarm { maxDrawdown = max(maxDrawdown, 1 - equity / peak) }
        peak = max(peak, equity)
        lastPeak = peak
        point.equity = equity
        point.position = 0
        last = point
        endDay(before: Int64.max)
        if keepsEveryBar, !every.isEmpty {
            every.removeLast()
            keep(point)
        }
    }

    private var lastPeak = 0.0

    @inline(never)
    private mutating func endDay(before time: Int64) {
        if var point = last {
            point.drawdown = 1 - point.equity / lastPeak
            days.append(point)
        }
        guard time != Int64.max else { return }
        let day = (time - 1 - (time <= 0 ? millisecondsPerDay - 1 : 0)) / millisecondsPerDay
        dayEnd = (day + 1) * millisecondsPerDay
    }

    private mutating func keep(_ point: EquityPoint) {
        var kept = point
        kept.drawdown = 1 - point.equity / peak
        every.append(kept)
    }
}
