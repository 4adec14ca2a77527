public import LotCore

/// The account at the end of a UTC day, or of a bar for intervals above a day.
public struct EquityClose: Sendable, Equatable {
    /// When the day's last bar closed (milliseconds since the epoch).
    public var time: Int64
    /// Equity in quote currency.
    public var equity: Double
    /// The bar's close.
    public var price: Double

    /// Makes a point.
    public init(time: Int64, equity: Double, price: Double) {
        self.time = time
        self.equity = equity
        self.price = price
    }
}

/// Follows the equity of a run bar by bar: peak and maximum drawdown over every bar's close, and
/// the equity at each UTC day's close.
///
/// A bar belongs to the day in which it closes; one that closes at midnight belongs to the day
/// that ends. A day without bars has no close: nothing is invented for it. The starting cash, at
/// the window's first open time, is the base of the first day's return and counts for the peak.
///
/// - Complexity: O(1) a bar, a few nanoseconds; memory 24 B a day.
/// - SeeAlso: `docs/execution.md`, rule 18.
public struct EquityTracker: Sendable {
    /// The account before the first bar: starting cash, and the first bar's open.
    public let base: EquityClose
    /// Length of the periods between closes: a day, or the interval if that is longer.
    public let periodMilliseconds: Int64
    /// Largest equity at a bar's close, at least the starting cash.
    public private(set) var peak: Double
    /// Largest fraction below the running peak at a bar's close, 0 or more.
    public private(set) var maxDrawdown = 0.0
    /// Close price of the first bar marked, `nil` before it.
    public private(set) var firstPrice: Double?
    /// The newest bar marked; the base before the first.
    public private(set) var last: EquityClose

    /// The days that have ended; the newest is ``last``.
    private(set) var finished: [EquityClose] = []
    private var dayEnd: Int64 = .min
    /// Equities at or above it cannot be a new maximum drawdown.
    private var floor: Double

    /// Starts with cash only.
    ///
    /// - Parameters:
    ///   - startingCash: Equity before the first bar, in quote currency, greater than 0.
    ///   - startTime: Open time of the window's first bar (milliseconds since the epoch).
    ///   - startPrice: Open of the window's first bar.
    ///   - interval: Length of the bars.
    ///   - earlierPeak: The largest equity of what came before, for a run that goes on where
    ///     another ended: it counts for the peak and the maximum drawdown.
    public init(
        startingCash: Double, startTime: Int64, startPrice: Double, interval: Interval,
        earlierPeak: Double = 0
    ) {
        base = EquityClose(time: startTime, equity: startingCash, price: startPrice)
        last = base
        peak = max(startingCash, earlierPeak)
        floor = peak
        periodMilliseconds = max(millisecondsPerDay, interval.milliseconds)
        if peak > startingCash { deepen(startingCash) }
    }

    /// Records the account at a bar's close.
    ///
    /// A second mark at the same time replaces the first in the day's close, as after the exits
    /// at the end of data.
    ///
    /// - Parameters:
    ///   - time: When the bar closed (milliseconds since the epoch), never falling.
    ///   - equity: Cash plus the position's value, in quote currency.
    ///   - price: The bar's close.
    /// - Returns: Whether the bar is the first of a day.
    @inline(__always)
    @discardableResult
    public mutating func mark(time: Int64, equity: Double, price: Double) -> Bool {
        touch(equity)
        let isNewDay = time > dayEnd
        if isNewDay { startDay(time, price) }
        last = EquityClose(time: time, equity: equity, price: price)
        return isNewDay
    }

    /// Takes an equity inside a day: for the peak and the maximum drawdown only.
    ///
    /// Another bar of the day must be marked later.
    @inline(__always)
    public mutating func touch(_ equity: Double) {
        if equity > peak {
            peak = equity
            setFloor()
        } else if equity < floor {
            deepen(equity)
        }
    }

    /// Whether an equity changes neither the peak nor the maximum drawdown.
    ///
    /// A bar at which this holds need not be marked, if another bar of its day is marked later.
    @inline(__always)
    public func isQuiet(_ equity: Double) -> Bool { equity <= peak && equity >= floor }

    /// Equity at each day's close, oldest first, without the base; the last day may be partial.
    public var closes: [EquityClose] { firstPrice == nil ? [] : finished + [last] }

    /// Number of ``closes``.
    public var closeCount: Int { firstPrice == nil ? 0 : finished.count + 1 }

    /// Fraction below the running peak at the newest mark.
    public var drawdown: Double { max(0, 1 - last.equity / peak) }

    /// Adds a later run as if it had begun with what this one ended with.
    ///
    /// Equity and prices of the later run are scaled so that they go on where this one stopped:
    /// what happened between the two is left out. The maximum drawdown is the deeper one of the
    /// two, or that of a day's close of the later below the peak of this one: inside days a fall
    /// across the seam may be a little deeper. It is exact where the later run knew this one's
    /// peak from the start (`earlierPeak`) and began with its cash.
    ///
    /// - Returns: By what the amounts of the later run were multiplied.
    @discardableResult
    public mutating func join(_ other: EquityTracker) -> Double {
        let scale = last.equity / other.base.equity
        let price = last.price / other.base.price
        guard other.firstPrice != nil else { return scale }
        maxDrawdown = max(maxDrawdown, other.maxDrawdown)
        if firstPrice == nil {
            firstPrice = other.firstPrice
        } else {
            finished.append(last)
        }
        for close in other.closes {
            let scaled = EquityClose(
                time: close.time, equity: close.equity * scale, price: close.price * price)
            maxDrawdown = max(maxDrawdown, 1 - scaled.equity / peak)
            finished.append(scaled)
        }
        peak = max(peak, other.peak * scale)
        last = finished.removeLast()
        dayEnd = other.dayEnd
        setFloor()
        return scale
    }

    /// Leaves a little room, so that rounding of the product never hides a deeper drawdown.
    private mutating func setFloor() {
        floor = min(peak, peak * (1 - maxDrawdown) * (1 + 1e-12))
    }

    @inline(never)
    private mutating func deepen(_ equity: Double) {
        maxDrawdown = max(maxDrawdown, 1 - equity / peak)
        setFloor()
    }

    @inline(never)
    private mutating func startDay(_ time: Int64, _ price: Double) {
        if firstPrice == nil { firstPrice = price } else { finished.append(last) }
        guard periodMilliseconds == millisecondsPerDay else {
            dayEnd = time
            return
        }
        // A bar that closes at midnight belongs to the day that ends.
        let (days, rest) = (time - 1).quotientAndRemainder(dividingBy: millisecondsPerDay)
        dayEnd = (rest < 0 ? days : days + 1) * millisecondsPerDay
    }
}
