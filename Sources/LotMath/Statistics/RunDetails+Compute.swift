public import LotCore

/// Number of drawdowns in the table.
private let drawdownRows = 10

/// Computes the tables of a run.
///
/// - Parameters:
///   - input: What the search set is computed from.
///   - trades: The trades of `input`, with their tags.
///   - curve: The equity curve to show.
///   - bars: The bars that the trades' rows count.
/// - Returns: The tables; all but the excursions are empty where there is nothing to say.
/// - Complexity: O(days + trades · log trades + bars with a position).
public func computeDetails(
    _ input: MetricInput, trades: [Trade], curve: [EquityPoint], bars: Bars
) -> RunDetails {
    computeDetails(input, trades: trades, curve: curve, bars: [bars])
}

/// Computes the tables of a run over several symbols: `bars` are theirs, by number.
public func computeDetails(
    _ input: MetricInput, trades: [Trade], curve: [EquityPoint], bars: [Bars]
) -> RunDetails {
    var details = RunDetails()
    let records = trades.map(\.record)
    details.drawdowns = DrawdownMetrics.deepest(drawdownRows, input)
    details.seams = input.seams
    details.periods = PeriodTables(input, records).rows
    details.entryTags = tagRows(trades, byEntry: true, byExit: false)
    details.exitTags = tagRows(trades, byEntry: false, byExit: true)
    details.tagPairs = tagRows(trades, byEntry: true, byExit: true)
    details.excursions = zip(trades, records).map { excursion(of: $1, bars[$0.symbol]) }
    (details.averageExposure, details.largestExposure) = exposure(curve)
    details.holding = holdingRatios(input)
    (details.rollingDays, details.rollingSharpe) = rollingSharpe(input)
    return details
}

/// The Sharpe ratio of the newest 90 days (30 in runs below 180 days), at every close that has
/// them; nothing for runs below 60 days.
///
/// - Complexity: O(days · window), under a millisecond for ten years.
private func rollingSharpe(_ input: MetricInput) -> (Int, [RollingValue]) {
    var days = DaySeries()
    days.load(input)
    let window = days.returns.count >= 180 ? 90 : 30
    guard days.returns.count >= 2 * window else { return (0, []) }
    let root = input.periodsPerYear.squareRoot()
    let closes = input.equity.closes
    let values = (window...closes.count).map { end in
        let moments = SeriesMoments(Array(days.returns[end - window..<end]))
        return RollingValue(
            time: closes[end - 1].time,
            value: quotient(moments.mean, moments.deviation) * root)
    }
    return (window, values)
}

/// Returns how far the price went against and with a trade.
///
/// Prices that count: the entry price; of the entry bar the high and the low; of the bars between
/// entry and exit all; of the exit bar only the open and the exit price, for what it did after
/// the exit touched nobody. A trade that ends in the bar it began in has entry and exit price
/// only. So an entry inside a bar may count a move that came just before it, and what an exit bar
/// did before the exit, beyond its open, is not seen.
///
/// - Complexity: O(bars of the trade).
func excursion(of trade: TradeRecord, _ bars: Bars) -> Excursion {
    var lowest = min(trade.entryPrice, trade.exitPrice)
    var highest = max(trade.entryPrice, trade.exitPrice)
    if trade.exitRow > trade.entryRow {
        let range = bars.range(of: trade.entryRow..<trade.exitRow)
        lowest = min(lowest, range.lowest)
        highest = max(highest, range.highest)
        lowest = min(lowest, bars.open[trade.exitRow])
        highest = max(highest, bars.open[trade.exitRow])
    }
    let (down, up) = (1 - lowest / trade.entryPrice, highest / trade.entryPrice - 1)
    return trade.side == .buy
        ? Excursion(adverse: down, favourable: up) : Excursion(adverse: up, favourable: down)
}

/// The mean and the largest gross position · close / equity over the curve, where equity is above
/// 0.
private func exposure(_ curve: [EquityPoint]) -> (Double, Double) {
    var (sum, largest, count) = (0.0, 0.0, 0.0)
    for point in curve where point.equity > 0 {
        let share = abs(point.gross * point.close) / point.equity
        sum += share
        largest = max(largest, share)
        count += 1
    }
    return count > 0 ? (sum / count, largest) : (.nan, .nan)
}

/// The ratios of ``ReturnMetrics`` for the price's own returns m.
private func holdingRatios(_ input: MetricInput) -> HoldingRatios {
    var ratios = HoldingRatios()
    var days = DaySeries()
    days.load(input)
    guard !days.market.isEmpty else { return ratios }
    let moments = SeriesMoments(days.market)
    let root = input.periodsPerYear.squareRoot()
    var price = 1.0
    var peak = 1.0
    var deepest = 0.0
    for change in days.market {
        price *= 1 + change
        peak = max(peak, price)
        deepest = max(deepest, 1 - price / peak)
    }
    let growth = input.spansMonth ? 1 + AccountMetrics.buyHoldReturn(input) : .nan
    ratios.annualReturn = ReturnMetrics.annual(growth, input)
    ratios.volatility = moments.deviation * root
    ratios.sharpe = quotient(moments.mean, moments.deviation) * root
    ratios.sortino = quotient(moments.mean, moments.downside) * root
    ratios.maxDrawdown = deepest
    return ratios
}

/// Groups trades by tags; the most profitable first, equals by name.
private func tagRows(_ trades: [Trade], byEntry: Bool, byExit: Bool) -> [TagRow] {
    struct Name: Hashable {
        var entry: String?
        var exit: String?
    }
    var places: [Name: Int] = [:]
    var rows: [TagRow] = []
    var place = 0
    for trade in trades {
        // Most trades have the tags of the one before: nothing is looked up for them.
        let isAsBefore =
            place < rows.count && (!byEntry || rows[place].entry == trade.entryTag)
            && (!byExit || rows[place].exit == trade.exitTag)
        if !isAsBefore {
            let name = Name(
                entry: byEntry ? trade.entryTag : nil, exit: byExit ? trade.exitTag : nil)
            place = places[name] ?? rows.count
            if place == rows.count {
                rows.append(TagRow(entry: name.entry, exit: name.exit))
                places[name] = place
            }
        }
        rows[place].trades += 1
        rows[place].wins += trade.profit > 0 ? 1 : 0
        rows[place].losses += trade.profit < 0 ? 1 : 0
        rows[place].profit += trade.profit
        rows[place].average += trade.profitFraction
        rows[place].duration += Double(trade.exitTime - trade.entryTime)
    }
    for index in rows.indices {
        rows[index].average /= Double(rows[index].trades)
        rows[index].duration /= Double(rows[index].trades)
    }
    return rows.sorted {
        ($1.profit, $0.entry ?? "", $0.exit ?? "") < ($0.profit, $1.entry ?? "", $1.exit ?? "")
    }
}
