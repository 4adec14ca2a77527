import LotCore
import LotMath

/// What a run that skips bars reads: the columns, their blocks in the newest tile, and the days.
struct MarkSource {
    let bars: Bars
    let extremes: TileExtremes
    let days: DayIndex

    /// The open time of the bar at `row` of the newest tile.
    @inline(__always)
    func openTime(_ row: Int) -> Int64 {
        guard let origin = extremes.origin else { return unsafe bars.openTime.start[row] }
        return origin &+ Int64(row) &* bars.interval.milliseconds
    }

    /// The open of the bar at `row`, which must exist.
    @inline(__always)
    func open(_ row: Int) -> Double { unsafe bars.open.start[row] }

    /// The volume of the bar at `row`, which must exist; NaN where there is no volume column.
    @inline(__always)
    func volume(_ row: Int) -> Double { bars.volume.map { unsafe $0.start[row] } ?? .nan }

    /// The bar at `row` of the newest tile; its volume is NaN where there is no volume column.
    @inline(__always)
    func bar(_ row: Int) -> Bar {
        unsafe Bar(
            openTime: openTime(row), open: bars.open.start[row],
            high: bars.high.start[row], low: bars.low.start[row], close: bars.close.start[row],
            volume: bars.volume.map { unsafe $0.start[row] } ?? .nan)
    }
}

extension EquityRecorder {
    /// Takes the account's value at the closes of rows in which cash and position did not change.
    ///
    /// Leaves the recorder exactly as marking each row would. `cash + position · close` is rounded
    /// monotonically in the close, so a block's lowest and highest close give its lowest and
    /// highest equity exactly: blocks between the running peak and the depth of the maximum
    /// drawdown are passed over, and so are the rows inside a day, whose close alone is kept.
    ///
    /// - Parameters:
    ///   - rows: Rows of the tile that `source.extremes` holds.
    ///   - cash: Cash after each of them, in quote currency.
    ///   - position: Signed position after each of them.
    ///   - source: Closes, blocks and days.
    ///   - nextDay: Index of the first day that begins after `rows.lowerBound`; moved on.
    /// - Complexity: O(blocks + rows of blocks with a new peak or drawdown).
    mutating func mark(
        _ rows: Range<Int>, cash: Double, position: Double, _ source: MarkSource,
        nextDay: inout Int
    ) {
        let starts = source.days.starts
        var row = rows.lowerBound
        while row < rows.upperBound {
            while nextDay < starts.count, starts[nextDay] <= row { nextDay += 1 }
            let dayEnd = nextDay < starts.count ? starts[nextDay] : rows.upperBound
            let end = min(rows.upperBound, dayEnd)
            let isFirst = nextDay > 0 && starts[nextDay - 1] == row
            markDay(row..<end, isFirst: isFirst, cash, position, source)
            row = end
        }
    }

    /// Marks rows of one day: those that matter, and the last.
    private mutating func markDay(
        _ rows: Range<Int>, isFirst: Bool, _ cash: Double, _ position: Double,
        _ source: MarkSource
    ) {
        if keepsEveryBar {
            for row in rows { mark(row, cash, position, source) }
            return
        }
        let last = rows.upperBound - 1
        if isFirst { mark(rows.lowerBound, cash, position, source) }
        if position != 0 { touchBlocks(rows.lowerBound..<last, cash, position, source) }
        mark(last, cash, position, source)
    }

    /// Takes the peak and the depth of rows, block by block.
    ///
    /// While the peak stands, only the lowest equity matters: `1 - equity / peak` is rounded
    /// monotonically too, so its maximum is at the minimum of the equity.
    private mutating func touchBlocks(
        _ rows: Range<Int>, _ cash: Double, _ position: Double, _ source: MarkSource
    ) {
        guard !rows.isEmpty else { return }
        let extremes = source.extremes
        let isLong = position > 0
        // Most stretches have neither a new peak nor a new depth: one look at all their blocks.
        let (bottom, top) = extremes.closes(of: rows)
        if tracker.isQuiet(cash + position * bottom), tracker.isQuiet(cash + position * top) {
            return
        }
        var lowest = Double.infinity
        var row = rows.lowerBound
        while row < rows.upperBound {
            let block = extremes.block(of: row)
            let end = min(rows.upperBound, extremes.end(of: block))
            let (bottom, top) = (extremes.lowestClose(block), extremes.highestClose(block))
            let low = cash + position * (isLong ? bottom : top)
            let high = cash + position * (isLong ? top : bottom)
            if high > tracker.peak || (low < lowest && !tracker.isQuiet(low)) {
                if high <= tracker.peak, extremes.holds(block, in: row..<end) {
                    // All its rows are here: its lowest equity is that of one of them.
                    lowest = low
                } else {
                    touch(row..<end, cash, position, source, &lowest)
                }
            }
            row = end
        }
        if lowest < tracker.peak { tracker.touch(lowest) }
    }

    /// Takes the peak and the depth of rows, bar by bar; `lowest` is the depth not taken yet.
    private mutating func touch(
        _ rows: Range<Int>, _ cash: Double, _ position: Double, _ source: MarkSource,
        _ lowest: inout Double
    ) {
        for row in rows {
            let equity = unsafe cash + position * source.bars.close.start[row]
            if equity > tracker.peak {
                if lowest < tracker.peak { tracker.touch(lowest) }
                tracker.touch(equity)
                lowest = .infinity
            } else {
                lowest = equity < lowest ? equity : lowest
            }
        }
    }

    @inline(__always)
    private mutating func mark(
        _ row: Int, _ cash: Double, _ position: Double, _ source: MarkSource
    ) {
        let price = unsafe source.bars.close.start[row]
        let time = source.openTime(row) + source.bars.interval.milliseconds
        mark(time: time, equity: cash + position * price, position: position, close: price)
    }
}
