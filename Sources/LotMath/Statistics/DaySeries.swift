import LotCore

/// The series that ratios are computed from, in memory that is used again for the next run.
///
/// Period 0 is the starting cash; a period is a UTC day with bars, or a bar for intervals above
/// a day. The series of returns of what has come to 0 are empty, which leaves their ratios
/// undefined; 0 is what is not above a billionth of the starting cash, for what is left where all
/// is lost is the rounding of sums.
struct DaySeries: Sendable {
    /// r: equity from close to close.
    private(set) var returns: [Double] = []
    /// m: price from close to close, the first from the window's first open.
    private(set) var market: [Double] = []
    /// c: starting cash plus the profits of trades closed so far, from close to close.
    private(set) var closed: [Double] = []
    /// D: fraction below the highest close so far.
    private(set) var drawdowns: [Double] = []
    /// What ``smallest(_:of:)`` reorders.
    private var scratch: [Double] = []

    /// Computes the series of a run.
    ///
    /// - Complexity: O(days + trades).
    mutating func load(_ input: MetricInput) {
        returns.removeAll(keepingCapacity: true)
        market.removeAll(keepingCapacity: true)
        closed.removeAll(keepingCapacity: true)
        drawdowns.removeAll(keepingCapacity: true)
        guard input.equity.closeCount > 0 else { return }
        var step = DayStep(input)
        for close in input.equity.finished { add(step.next(close, input.trades, isLast: false)) }
        add(step.next(input.equity.last, input.trades, isLast: true))
        if !step.isAlive { returns.removeAll(keepingCapacity: true) }
        if !step.hasPrices { market.removeAll(keepingCapacity: true) }
        if !step.isClosedAlive { closed.removeAll(keepingCapacity: true) }
    }

    private mutating func add(_ day: DayStep.Day) {
        returns.append(day.change)
        market.append(day.market)
        closed.append(day.closed)
        drawdowns.append(day.drawdown)
    }

    /// Returns the value below which a fraction of `returns` (or of `drawdowns`) lies, by linear
    /// interpolation between the two nearest in order (numpy's default, Hyndman and Fan's type 7).
    ///
    /// - Complexity: O(n) on average.
    mutating func quantile(_ fraction: Double, ofDrawdowns: Bool = false) -> Double {
        let values = ofDrawdowns ? drawdowns : returns
        guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return .nan }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: values)
        let place = fraction * Double(values.count - 1)
        let index = Int(place)
        let low = selectSmallest(index, in: &scratch)
        guard index + 1 < scratch.count else { return low }
        // Everything behind the place is at least as large: its minimum is the next in order.
        var next = scratch[index + 1]
        for value in scratch[(index + 1)...] { next = min(next, value) }
        return low + (next - low) * (place - Double(index))
    }
}

/// Walks from close to close.
private struct DayStep {
    struct Day {
        var change: Double
        var market: Double
        var closed: Double
        var drawdown: Double
    }

    private(set) var isAlive = true
    private(set) var hasPrices = true
    private(set) var isClosedAlive = true
    private var equity: Double
    private var price: Double
    private var peak: Double
    private var closed: Double
    private let nothing: Double
    private var trade = 0

    init(_ input: MetricInput) {
        equity = input.equity.base.equity
        price = input.equity.base.price
        peak = equity
        closed = equity
        nothing = 1e-9 * equity
        isAlive = equity > 0
        isClosedAlive = isAlive
        hasPrices = price > 0
    }

    mutating func next(_ close: EquityClose, _ trades: TradeSummary, isLast: Bool) -> Day {
        let before = closed
        while trade < trades.count, isLast || trades.exitTimes[trade] < close.time {
            closed += trades.profits[trade]
            trade += 1
        }
        peak = max(peak, close.equity)
        let day = Day(
            change: close.equity / equity - 1, market: close.price / price - 1,
            closed: closed / before - 1, drawdown: 1 - close.equity / peak)
        equity = close.equity
        price = close.price
        isAlive = isAlive && equity > nothing
        hasPrices = hasPrices && price > 0
        isClosedAlive = isClosedAlive && closed > nothing
        return day
    }
}

/// Puts the `index`-smallest value at its place, smaller ones before and larger ones behind it,
/// and returns it.
///
/// Hoare's quickselect with the median of three as pivot: no randomness, so the same input does
/// the same steps (Hoare, "Algorithm 65: Find", Communications of the ACM 4(7), 1961).
/// - Complexity: O(n) on average.
func selectSmallest(_ index: Int, in values: inout [Double]) -> Double {
    var low = 0
    var high = values.count - 1
    while low < high {
        let middle = low + (high - low) / 2
        if values[middle] < values[low] { values.swapAt(middle, low) }
        if values[high] < values[low] { values.swapAt(high, low) }
        if values[high] < values[middle] { values.swapAt(high, middle) }
        let pivot = values[middle]
        var left = low
        var right = high
        while left <= right {
            while values[left] < pivot { left += 1 }
            while pivot < values[right] { right -= 1 }
            guard left <= right else { break }
            values.swapAt(left, right)
            left += 1
            right -= 1
        }
        if index <= right {
            high = right
        } else if index >= left {
            low = left
        } else {
            return values[index]
        }
    }
    return values[index]
}
