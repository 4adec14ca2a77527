import LotCore

/// Why a row is refused.
struct RowError: Error {
    let kind: String
    let reason: String
    var hint: String?
}

/// The unit of a file's times, told apart by their size: 2009 to 2100 are disjoint ranges.
enum TimeUnit: Int64 {
    case seconds = 1
    case milliseconds = 1_000
    case microseconds = 1_000_000

    init?(_ value: Int64) {
        switch value {
        case RowCheck.firstTime / 1_000..<RowCheck.lastTime / 1_000: self = .seconds
        case RowCheck.firstTime..<RowCheck.lastTime: self = .milliseconds
        case RowCheck.firstTime * 1_000..<RowCheck.lastTime * 1_000: self = .microseconds
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .seconds: "s"
        case .milliseconds: "ms"
        case .microseconds: "µs"
        }
    }
}

/// Collects the rows of one file and checks each of them.
///
/// The rules: one unit of time, the grid, rising times, bars that are closed, sane values. Rows
/// that repeat the one before bit by bit are dropped and counted.
struct RowBuilder {
    private(set) var table: SeriesTable
    private(set) var rowsRead = 0
    private let series: SeriesLayout
    private let lastOpen: Int64
    private let quantities: [SeriesColumn]
    private let countsTrades: Bool
    private var unit: TimeUnit?
    private var before = Int64.min
    private var traded = 0
    private var untraded = 0

    /// Makes a builder for a file with these columns.
    init(columns: [SeriesColumn], _ series: SeriesLayout, now: Int64?) {
        table = SeriesTable(series, columns: columns)
        self.series = series
        lastOpen = now.map { $0 - (series.interval?.milliseconds ?? 0) } ?? Int64.max
        quantities = [.volume, .quoteVolume, .takerBase].filter(table.columns.contains)
        countsTrades = columns.contains(.volume) && columns.contains(.trades)
    }

    /// Converts an epoch of any unit to milliseconds.
    mutating func milliseconds(_ value: Int64) throws(RowError) -> Int64 {
        guard let found = TimeUnit(value) else {
            throw RowError(
                kind: "time", reason: "time \(value) is not between 2009 and 2100 in s, ms or µs")
        }
        if let unit, unit != found {
            throw RowError(
                kind: "unit", reason: "time in \(found.name), earlier lines in \(unit.name)",
                hint: "split the file where the unit changes")
        }
        unit = found
        switch found {
        case .seconds: return value * 1_000
        case .milliseconds: return value
        case .microseconds:
            guard let interval = series.interval else { return value / 1_000 }
            guard value % 1_000 == 0 else {
                throw RowError(
                    kind: "grid",
                    reason: "open time \(grouped(value)) µs not a multiple of "
                        + grouped(interval.milliseconds * 1_000))
            }
            return value / 1_000
        }
    }

    /// Adds a row.
    ///
    /// - Parameters:
    ///   - stamp: Its time, milliseconds since the epoch.
    ///   - words: The bits of each column's value, by ``SeriesColumn/index``; the time's is unused.
    /// - Throws: ``RowError`` where the row breaks a rule.
    mutating func add(time stamp: Int64, words: [UInt64]) throws(RowError) {
        rowsRead += 1
        let time = series == .funding ? try wholeMinute(stamp) : stamp
        if time <= before || time > lastOpen || series.problem(time: time) != nil {
            if try isRepeat(time, words) { return }
        }
        if series == .funding { try checkFunding(words) } else { try checkBar(words) }
        before = time
        table.append(time: time, words: words)
    }

    /// The minute a funding belongs to.
    ///
    /// Exchanges stamp the event some milliseconds late. Binance documents a deviation of up to 15
    /// seconds; a time further from a whole minute is no funding time.
    private func wholeMinute(_ time: Int64) throws(RowError) -> Int64 {
        let minute: Int64 = 60_000
        let late = ((time % minute) + minute) % minute
        if late <= 15_000 { return time - late }
        if late >= minute - 15_000 { return time - late + minute }
        throw RowError(
            kind: "grid",
            reason: "\(CivilTime.text(time)) is not within 15 s of a whole minute",
            hint: "is it a file of funding rates?")
    }

    private func checkFunding(_ words: [UInt64]) throws(RowError) {
        let rate = Double(bitPattern: words[SeriesColumn.rate.index])
        let mark = Double(bitPattern: words[SeriesColumn.markPrice.index])
        let reason = RowCheck.problem(rate: rate) ?? RowCheck.problem(markPrice: mark)
        if let reason { throw RowError(kind: "rate", reason: reason) }
    }

    private mutating func checkBar(_ words: [UInt64]) throws(RowError) {
        if let reason = RowCheck.problem(
            open: Double(bitPattern: words[1]), high: Double(bitPattern: words[2]),
            low: Double(bitPattern: words[3]), close: Double(bitPattern: words[4]))
        {
            throw RowError(kind: "price", reason: reason)
        }
        for column in quantities {
            let value = Double(bitPattern: words[column.index])
            if let reason = RowCheck.problem(quantity: value, column) {
                throw RowError(kind: "quantity", reason: reason)
            }
        }
        let hasVolume = Double(bitPattern: words[SeriesColumn.volume.index]) != 0
        if hasVolume { traded += 1 }
        if countsTrades, !hasVolume, words[SeriesColumn.trades.index] > 0 { untraded += 1 }
    }

    /// Returns whether the row repeats the one before; throws for every other bad time.
    private func isRepeat(_ time: Int64, _ words: [UInt64]) throws(RowError) -> Bool {
        if let reason = series.problem(time: time) {
            let hint = series == .funding ? nil : "is the interval of --as right?"
            throw RowError(kind: "grid", reason: reason, hint: hint)
        }
        if time > lastOpen {
            let what = series == .funding ? "not due yet" : "not closed yet"
            throw RowError(
                kind: "future", reason: "\(series.noun) \(CivilTime.text(time)) is \(what)",
                hint: "import it when it is")
        }
        if time < before {
            if table.time(table.firstRow(atOrAfter: time)) == time {
                throw RowError(
                    kind: "order", reason: "repeats \(CivilTime.text(time)), out of order")
            }
            throw RowError(
                kind: "order",
                reason: "time \(CivilTime.text(time)) is before the line above",
                hint: "sort the file by time, oldest first")
        }
        let last = table.count - 1
        for column in table.columns.dropFirst()
        where table.words[column.index][last] != words[column.index] {
            throw RowError(
                kind: "conflict", reason: "repeats \(CivilTime.text(time)) with other values")
        }
        return true
    }

    /// Checks what can only be seen at the end of a file.
    func finish() throws(RowError) -> SeriesTable {
        guard table.count > 0 else { throw RowError(kind: "empty", reason: "no rows") }
        try checkPrice()
        if let interval = series.interval, table.count > 2 {
            var least = Int64.max
            for row in 1..<table.count { least = min(least, table.time(row) - table.time(row - 1)) }
            if least > interval.milliseconds {
                let named = Interval.all.first { $0.milliseconds == least }?.name
                throw RowError(
                    kind: "interval",
                    reason:
                        "bars are \(named ?? "\(grouped(least)) ms") apart, --as says \(interval)",
                    hint: "give the file's own interval")
            }
        }
        return table
    }
    /// Tells bars of trades from bars of the mark price, whose archives have the same names and
    /// columns: the latter have a volume of 0 in every row, and a number of samples where the
    /// trades are counted.
    private func checkPrice() throws(RowError) {
        if case .markBars = series, traded > 0 {
            throw RowError(
                kind: "price", reason: "has volumes: bars of trades, not of the mark price",
                hint: "import it as exchange.perp:SYMBOL:\(series.interval?.name ?? "1h")")
        }
        if case .bars(let interval) = series, untraded == table.count {
            throw RowError(
                kind: "price", reason: "counts trades but no volume in any row: the mark price",
                hint: "import it as exchange.perp:SYMBOL:mark_\(interval)")
        }
    }
}
