import LotCore

/// Breakdowns of a run by day, week, month, year and weekday.
///
/// A close belongs to the UTC day in which its bar ends (midnight to the day that ends), a trade
/// to the close that follows its exit bar's open. Weeks begin on Monday (ISO 8601).
///
/// - Complexity: O(days + trades).
struct PeriodTables {
    private(set) var rows: [PeriodKind: [PeriodRow]] = [:]

    init(_ input: MetricInput, _ trades: [TradeRecord]) {
        var kinds = PeriodKind.allCases.map { PeriodTable(kind: $0) }
        var before = input.equity.base
        var trade = 0
        for (index, close) in input.equity.closes.enumerated() {
            let first = trade
            let isLast = index == input.equity.closeCount - 1
            while trade < trades.count,
                isLast || trades[trade].exitTime < close.time
            {
                trade += 1
            }
            let closed = trades[first..<trade]
            for place in kinds.indices { kinds[place].add(close, before, closed) }
            before = close
        }
        for table in kinds { rows[table.kind] = table.finished }
    }
}

/// One breakdown while it grows.
private struct PeriodTable {
    let kind: PeriodKind
    private var rows: [PeriodRow] = []

    init(kind: PeriodKind) { self.kind = kind }

    /// The rows, compounded growth made a return.
    var finished: [PeriodRow] {
        rows.filter { $0.days > 0 }.map { row in
            var row = row
            row.growth -= 1
            row.market -= 1
            return row
        }
    }

    mutating func add(
        _ close: EquityClose, _ before: EquityClose, _ trades: ArraySlice<TradeRecord>
    ) {
        let place = place(of: start(of: close.time - 1))
        rows[place].days += 1
        // Nothing grows from nothing: a period after ruin has a return of 0.
        if before.equity > 0 { rows[place].growth *= close.equity / before.equity }
        rows[place].market *= close.price / before.price
        rows[place].profit += close.equity - before.equity
        rows[place].trades += trades.count
        for trade in trades {
            if trade.profit > 0 { rows[place].wins += 1 }
            if trade.profit < 0 { rows[place].losses += 1 }
        }
    }

    private mutating func place(of start: Int64) -> Int {
        if kind == .weekday {
            if rows.isEmpty { rows = (1...7).map { fresh($0) } }
            return Int(start) - 1
        }
        if rows.last?.start != start { rows.append(fresh(start)) }
        return rows.count - 1
    }

    private func fresh(_ start: Int64) -> PeriodRow {
        var row = PeriodRow(start: start)
        row.growth = 1
        row.market = 1
        return row
    }

    /// The first day of the period that holds `time`; of weekdays the number.
    private func start(of time: Int64) -> Int64 {
        let remainder = time % millisecondsPerDay
        let midnight = time - (remainder < 0 ? remainder + millisecondsPerDay : remainder)
        let day = Int(midnight / millisecondsPerDay)
        // 1970-01-01, day 0, was a Thursday, the fourth day of its week.
        let weekday = ((day + 3) % 7 + 7) % 7
        let date = CivilTime.date(days: day)
        return switch kind {
        case .day: midnight
        case .week: midnight - Int64(weekday) * millisecondsPerDay
        case .month: first(year: date.year, month: date.month)
        case .year: first(year: date.year, month: 1)
        case .weekday: Int64(weekday) + 1
        }
    }

    private func first(year: Int, month: Int) -> Int64 {
        Int64(CivilTime.days(year: year, month: month, day: 1)) * millisecondsPerDay
    }
}
