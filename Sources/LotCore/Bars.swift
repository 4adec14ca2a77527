/// One bar: prices and volume over `[openTime, openTime + interval)`, known only at its close.
public struct Bar: Sendable, Equatable {
    /// Milliseconds since the epoch, UTC.
    public var openTime: Int64
    /// First price.
    public var open: Double
    /// Highest price.
    public var high: Double
    /// Lowest price.
    public var low: Double
    /// Last price.
    public var close: Double
    /// Traded quantity in base currency.
    public var volume: Double

    /// Makes a bar from its six values.
    public init(
        openTime: Int64, open: Double, high: Double, low: Double, close: Double, volume: Double
    ) {
        self.openTime = openTime
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }
}

/// The columns that a run uses, all of one length, oldest bar first.
public struct Bars: Sendable {
    /// Length of each bar.
    public let interval: Interval
    /// Open times, milliseconds since the epoch, strictly rising by whole intervals.
    public let openTime: Column<Int64>
    /// First prices.
    public let open: Column<Double>
    /// Highest prices.
    public let high: Column<Double>
    /// Lowest prices.
    public let low: Column<Double>
    /// Last prices.
    public let close: Column<Double>
    /// Volumes in base currency; `nil` where the series was stored without them.
    public let volume: Column<Double>?

    /// Makes bars from columns of one length.
    public init(
        interval: Interval, openTime: Column<Int64>, open: Column<Double>, high: Column<Double>,
        low: Column<Double>, close: Column<Double>, volume: Column<Double>?
    ) {
        precondition(
            [open.count, high.count, low.count, close.count, volume?.count ?? openTime.count]
                .allSatisfy { $0 == openTime.count }, "columns of different lengths")
        self.interval = interval
        self.openTime = openTime
        self.open = open
        self.high = high
        self.low = low
        self.close = close
        self.volume = volume
    }

    /// Makes bars in memory, for tests and for filled gaps.
    public init(interval: Interval, _ bars: [Bar], hasVolume: Bool = true) {
        self.init(
            interval: interval, openTime: Column(bars.map(\.openTime)),
            open: Column(bars.map(\.open)), high: Column(bars.map(\.high)),
            low: Column(bars.map(\.low)), close: Column(bars.map(\.close)),
            volume: hasVolume ? Column(bars.map(\.volume)) : nil)
    }

    /// Number of bars.
    public var count: Int { openTime.count }

    /// The bar at `index`; its volume is 0 where there is no volume column.
    public subscript(index: Int) -> Bar {
        Bar(
            openTime: openTime[index], open: open[index], high: high[index], low: low[index],
            close: close[index], volume: volume?[index] ?? 0)
    }

    /// When bar `index` closes, in milliseconds since the epoch.
    public func closeTime(_ index: Int) -> Int64 { openTime[index] + interval.milliseconds }

    /// The open time that row 0 would have if no bar were missing, of rows among which none is.
    ///
    /// - Parameter rows: Rows that exist.
    /// - Returns: The time t with `openTime[row] == t + row * interval.milliseconds` for each row;
    ///   `nil` if a bar is missing among them, or if they are none.
    /// - Complexity: O(1): times rise by whole intervals, so those of the ends tell.
    public func regularOrigin(of rows: Range<Int>) -> Int64? {
        guard let first = rows.first, let last = rows.last else { return nil }
        let step = interval.milliseconds
        guard openTime[last] - openTime[first] == Int64(last - first) * step else { return nil }
        return openTime[first] - Int64(first) * step
    }

    /// Some of the bars, as if nothing else had been stored; they share the memory.
    public func slice(_ range: Range<Int>) -> Bars {
        Bars(
            interval: interval, openTime: openTime.slice(range), open: open.slice(range),
            high: high.slice(range), low: low.slice(range), close: close.slice(range),
            volume: volume?.slice(range))
    }

    /// Returns the index of the first bar with `openTime >= time`.
    ///
    /// - Complexity: O(log n).
    public func firstIndex(atOrAfter time: Int64) -> Int {
        openTime.firstIndex(atOrAfter: time)
    }
}
