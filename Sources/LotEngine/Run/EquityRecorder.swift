public import LotCore
public import LotMath

/// The account's value over a run: the statistics' tracker, and the curve to show.
///
/// Fed once per bar. Runs of up to ``everyBarLimit`` bars keep a point of the curve for every
/// bar, longer ones a point for every UTC day, so that memory stays bounded.
public struct EquityRecorder: Sendable {
    /// Runs up to this many bars keep a point for every bar.
    public static let everyBarLimit = 50_000

    /// Peak, maximum drawdown and day closes.
    public internal(set) var tracker: EquityTracker
    /// The curve to show.
    public internal(set) var curve: [EquityPoint] = []

    /// Whether the curve has a point for every bar.
    let keepsEveryBar: Bool
    /// Whether there is a curve at all: a search needs none.
    let keepsCurve: Bool
    private var last: EquityPoint?

    /// A recorder for the rows `window` of `bars`, starting with `cash`; `earlierPeak` is the
    /// largest equity of a run that this one goes on from.
    public init(
        cash: Double, bars: Bars, window: Range<Int>, earlierPeak: Double = 0,
        keepsCurve: Bool = true
    ) {
        self.init(
            EquityTracker(
                startingCash: cash, startTime: bars.openTime[window.lowerBound],
                startPrice: bars.open[window.lowerBound], interval: bars.interval,
                earlierPeak: earlierPeak),
            bars: window.count, keepsCurve: keepsCurve)
    }

    /// A recorder that is marked `bars` times.
    init(_ tracker: EquityTracker, bars: Int, keepsCurve: Bool = true) {
        self.tracker = tracker
        self.keepsCurve = keepsCurve
        keepsEveryBar = keepsCurve && bars <= EquityRecorder.everyBarLimit
        if keepsEveryBar { curve.reserveCapacity(bars) }
    }

    /// Takes the account's value at a bar's close.
    ///
    /// - Parameters:
    ///   - time: When the bar closed (milliseconds since the epoch), rising from call to call.
    ///   - equity: Cash plus the position at `close`, in quote currency.
    ///   - position: Signed position in base currency.
    ///   - gross: What is held on either side, where that is not the position.
    ///   - close: The bar's close.
    /// - Complexity: O(1), a few nanoseconds.
    @inline(__always)
    public mutating func mark(
        time: Int64, equity: Double, position: Double, gross: Double? = nil, close: Double
    ) {
        let isNewDay = tracker.mark(time: time, equity: equity, price: close)
        guard keepsCurve else { return }
        if isNewDay || keepsEveryBar { keepLast() }
        last = EquityPoint(
            time: time, equity: equity, drawdown: tracker.peak, position: position,
            gross: gross, close: close)
    }

    /// Ends the run with the last bar's value after everything was closed.
    public mutating func finish(equity: Double) {
        guard tracker.firstPrice != nil else { return }
        tracker.mark(time: tracker.last.time, equity: equity, price: tracker.last.price)
        last?.equity = equity
        last?.position = 0
        last?.gross = 0
        last?.drawdown = tracker.peak
        keepLast()
    }

    /// Keeps the newest point; until then its `drawdown` holds the peak, which costs no division.
    private mutating func keepLast() {
        guard keepsCurve, var point = last else { return }
        point.drawdown = max(0, 1 - point.equity / point.drawdown)
        curve.append(point)
    }
}
