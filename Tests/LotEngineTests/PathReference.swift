import LotCore
import LotEngine

/// `--intrabar ohlc` read tick by tick, for one order with a bracket and no costs.
///
/// The path is cut into steps of a quarter, on which all prices of the bars lie; what a step goes
/// past happens at its own price. Prices are read through `sign` as in ``EntryBarReference``.
struct PathReference {
    let bars: Bars
    let request: OrderRequest
    private let sign: Double
    private let limit: Double?
    private var trigger: Double?
    private var isLimit: Bool
    private var price = 0.0
    private var entryRow = -1
    private var best = 0.0
    private var lowest = Double.infinity
    private var now = 0.0

    init(_ bars: Bars, _ request: OrderRequest) {
        self.bars = bars
        self.request = request
        let sign = request.side == .buy ? 1.0 : -1
        self.sign = sign
        limit = request.price.map { sign * $0 }
        trigger = request.stopPrice.map { sign * $0 }
        isLimit = request.type == .limit
    }

    private func off(_ base: Double, _ fraction: Double) -> Double {
        sign * (sign * base * (1 + sign * fraction))
    }

    /// The prices from the open to the close of a bar.
    private func ticks(_ row: Int) -> [Double] {
        let bar = bars[row]
        let isLowFirst = bar.open - bar.low <= bar.high - bar.open
        let turns = isLowFirst ? [bar.low, bar.high] : [bar.high, bar.low]
        var ticks: [Double] = []
        var at = bar.open
        for end in turns + [bar.close] {
            while at != end {
                at += at < end ? 0.25 : -0.25
                ticks.append(sign * at)
            }
        }
        return ticks
    }

    /// What comes of it; `nil` if the order never fills.
    mutating func run() -> EntryBarReference.Done? {
        for row in 1..<bars.count {
            now = sign * bars.open[row]
            if let done = open(row) { return done }
            best = max(best, now)
            lowest = min(lowest, now)
            for tick in ticks(row) {
                while true {
                    if let done = leave(row, tick) { return done }
                    guard entryRow < 0, enter(row, tick) else { break }
                }
                now = tick
                best = max(best, tick)
                lowest = min(lowest, tick)
            }
        }
        let last = bars.count - 1
        return entryRow < 0 ? nil : done(last, sign * bars.close[last], "end_of_data")
    }

    private mutating func open(_ row: Int) -> EntryBarReference.Done? {
        if entryRow >= 0 {
            if let most = request.bracket.maxBars, row >= entryRow + most {
                return done(row, now, "max_bars")
            }
            if let stop, now <= stop.level { return done(row, now, stop.name) }
            if let target, now > target { return done(row, target, "take_profit") }
            return nil
        }
        if row == 1 { lowest = now }
        var arrives = row == 1
        if request.type == .market { take(row, now) }
        if request.type == .takeProfit {
            if let trigger, now <= trigger { take(row, now) }
            return nil
        }
        if !isLimit, let trigger = level, now >= trigger {
            if request.type == .stopLimit {
                (isLimit, arrives) = (true, true)
            } else {
                take(row, now)
            }
        }
        guard entryRow < 0, isLimit, let limit else { return nil }
        if arrives, now <= limit {
            take(row, now)
        } else if !arrives, now < limit {
            take(row, limit)
        }
        return nil
    }

    /// The trigger as it stands.
    private var level: Double? {
        request.trailingStop.map { off(lowest, $0) } ?? trigger
    }

    private mutating func take(_ row: Int, _ at: Double) {
        (entryRow, price, best) = (row, at, at)
    }

    /// Whether the order fills between here and the tick.
    private mutating func enter(_ row: Int, _ tick: Double) -> Bool {
        if request.type == .takeProfit {
            guard let trigger, tick <= trigger else { return false }
            now = trigger
            take(row, trigger)
            return true
        }
        if !isLimit, let trigger = level, tick >= trigger {
            now = trigger
            guard request.type == .stopLimit, let limit else {
                take(row, trigger)
                return true
            }
            isLimit = true
            if trigger <= limit {
                take(row, trigger)
                return true
            }
        }
        guard isLimit, let limit, tick < limit else { return false }
        now = min(now, limit)
        take(row, limit)
        return true
    }

    private var target: Double? { request.bracket.takeProfit.map { off(price, $0) } }

    private var stop: (level: Double, name: String)? {
        let fixed = request.bracket.stopLoss.map { off(price, -$0) }
        let trailing = request.bracket.trailingStop.map { off(best, -$0) }
        guard let trailing, trailing > fixed ?? -.infinity else {
            return fixed.map { ($0, "stop_loss") }
        }
        return (trailing, "trailing_stop")
    }

    private func leave(_ row: Int, _ tick: Double) -> EntryBarReference.Done? {
        guard entryRow >= 0 else { return nil }
        if let stop, tick <= stop.level || now <= stop.level {
            return done(row, min(now, stop.level), stop.name)
        }
        if let target, tick > target || now > target { return done(row, target, "take_profit") }
        return nil
    }

    private func done(_ row: Int, _ at: Double, _ tag: String) -> EntryBarReference.Done {
        EntryBarReference.Done(
            entryRow: entryRow, entryPrice: sign * price, exitRow: row, exitPrice: sign * at,
            tag: tag, isAmbiguous: false)
    }
}
