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
/// The rules: one unit of time, the grid, rising times, bars that are closed, sane prices. Rows
/// that repeat the one before bit by bit are dropped and counted.
struct RowBuilder {
    private(set) var table: KlineTable
    private(set) var rowsRead = 0
    private let interval: Interval
    private let lastOpen: Int64
    private let quantities: [KlineColumn]
    private var unit: TimeUnit?
    private var before = Int64.min

    init(columns: [KlineColumn], interval: Interval, now: Int64?) {
        table = KlineTable(columns: columns)
        self.interval = interval
        lastOpen = now.map { $0 - interval.milliseconds } ?? Int64.max
        quantities = [.volume, .quoteVolume, .takerBase].filter(table.columns.contains)
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
    ///   - time: Open time, milliseconds since the epoch.
    ///   - words: The bits of each column's value, by ``KlineColumn/index``; the time's is unused.
    /// - Throws: ``RowError`` where the row breaks a rule.
    mutating func add(time: Int64, words: [UInt64]) throws(RowError) {
        rowsRead += 1
        if time <= before || !interval.isOnGrid(time) || time > lastOpen
            || time < RowCheck.firstTime || time >= RowCheck.lastTime
        {
            if try isRepeat(time, words) { return }
        }
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
        before = time
        table.words[0].append(UInt64(bitPattern: time))
        for column in table.columns where column != .openTime {
            table.words[column.index].append(words[column.index])
        }
    }

    /// Returns whether the row repeats the one before; throws for every other bad time.
    private func isRepeat(_ time: Int64, _ words: [UInt64]) throws(RowError) -> Bool {
        if let reason = RowCheck.problem(time: time, interval: interval) {
            throw RowError(kind: "grid", reason: reason, hint: "is the interval of --as right?")
        }
        if time > lastOpen {
            throw RowError(
                kind: "future", reason: "bar \(CivilTime.text(time)) is not closed yet",
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
        for column in table.columns
        where column != .openTime && table.words[column.index][last] != words[column.index] {
            throw RowError(
                kind: "conflict", reason: "repeats \(CivilTime.text(time)) with other values")
        }
        return true
    }

    /// Checks what can only be seen at the end of a file.
    func finish() throws(RowError) -> KlineTable {
        guard table.count > 0 else { throw RowError(kind: "empty", reason: "no rows") }
        if table.count > 2 {
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
}
