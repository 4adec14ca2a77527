import LotCore
import LotEngine

/// How the position of an entry-bar case is entered.
enum EntryForm: CaseIterable {
    case market
    /// A limit that the first open is better than.
    case limitMarketable
    /// A limit that a bar goes through.
    case limitResting
    /// A stop that a bar reaches.
    case stopInside
    /// A stop that the first open is beyond.
    case stopGapped
    case stopLimit
    case trailingStop
    /// A take-profit order that a bar reaches from above.
    case takeProfit

    /// The order, for bars that open at 100; `sign` is 1 for a purchase.
    func request(_ sign: Double, _ bracket: Bracket) -> OrderRequest {
        let side: Side = sign > 0 ? .buy : .sell
        func order(
            _ type: OrderType, price: Double? = nil, stop: Double? = nil, trailing: Double? = nil
        ) -> OrderRequest {
            OrderRequest(
                side, type: type, size: .base(1), price: price.map { 100 + sign * $0 },
                stopPrice: stop.map { 100 + sign * $0 }, trailingStop: trailing, bracket: bracket)
        }
        return switch self {
        case .market: order(.market)
        case .limitMarketable: order(.limit, price: 1)
        case .limitResting: order(.limit, price: -2)
        case .stopInside: order(.stopMarket, stop: 2)
        case .stopGapped: order(.stopMarket, stop: -1)
        case .stopLimit: order(.stopLimit, price: 3, stop: 2)
        case .trailingStop: order(.trailingStop, trailing: 0.02)
        case .takeProfit: order(.takeProfit, stop: -2)
        }
    }
}

/// A plain second reading of rules 4 to 8 for one order with a bracket and no costs.
///
/// Prices are read through `sign`, so that higher is better for the position: of a short one every
/// price is negated, and what is below is above.
struct EntryBarReference {
    struct Done: Equatable, CustomStringConvertible {
        var entryRow: Int
        var entryPrice: Double
        var exitRow: Int
        var exitPrice: Double
        var tag: String
        var isAmbiguous: Bool
        var description: String {
            "in \(entryRow) at \(entryPrice), out \(exitRow) at \(exitPrice) \(tag) \(isAmbiguous)"
        }
    }

    let bars: Bars
    let request: OrderRequest
    private let sign: Double

    private var price = 0.0
    private var entryRow = -1
    private var wasAtOpen = false
    private var best = 0.0
    private var isAmbiguous = false

    init(_ bars: Bars, _ request: OrderRequest) {
        self.bars = bars
        self.request = request
        sign = request.side == .buy ? 1 : -1
    }

    private func open(_ row: Int) -> Double { sign * bars.open[row] }
    private func close(_ row: Int) -> Double { sign * bars.close[row] }
    private func top(_ row: Int) -> Double { sign * (sign > 0 ? bars.high[row] : bars.low[row]) }
    private func bottom(_ row: Int) -> Double { sign * (sign > 0 ? bars.low[row] : bars.high[row]) }

    private var target: Double? {
        request.bracket.takeProfit.map { sign * (sign * price * (1 + sign * $0)) }
    }

    /// The stop that is nearer, and its name.
    private var stop: (level: Double, name: String)? {
        let fixed = request.bracket.stopLoss.map { sign * (sign * price * (1 - sign * $0)) }
        let trailing = request.bracket.trailingStop.map { sign * (sign * best * (1 - sign * $0)) }
        guard let trailing, trailing > fixed ?? -.infinity else {
            return fixed.map { ($0, "stop_loss") }
        }
        return (trailing, "trailing_stop")
    }

    /// What comes of it; `nil` if the order never fills.
    mutating func worst() -> Done? {
        let limit = request.price.map { sign * $0 }
        let trigger = request.stopPrice.map { sign * $0 }
        var isLimit = request.type == .limit
        var follow = Double.infinity
        for row in 1..<bars.count {
            if entryRow >= 0 {
                if let done = leave(row) { return done }
                continue
            }
            if request.type == .trailingStop, row == 1 { follow = open(row) }
            let level = sign * (sign * follow * (1 + sign * (request.trailingStop ?? 0)))
            let stopLevel = request.type == .trailingStop ? level : trigger ?? .infinity
            var arrives = row == 1
            if request.type == .market { return enter(row, open(row), atOpen: true) }
            if request.type == .takeProfit, let trigger {
                if open(row) <= trigger { return enter(row, open(row), atOpen: true) }
                if bottom(row) <= trigger { return enter(row, trigger, atOpen: false) }
                continue
            }
            if !isLimit, open(row) >= stopLevel {
                guard request.type == .stopLimit else {
                    return enter(row, open(row), atOpen: true)
                }
                (isLimit, arrives) = (true, true)
            }
            if isLimit, let limit {
                if arrives, open(row) <= limit { return enter(row, open(row), atOpen: true) }
                if !arrives, open(row) < limit { return enter(row, limit, atOpen: true) }
                if bottom(row) < limit { return enter(row, limit, atOpen: false) }
            } else if top(row) >= stopLevel {
                guard request.type == .stopLimit else {
                    return enter(row, stopLevel, atOpen: false)
                }
                isLimit = true
            } else if request.type == .trailingStop, bottom(row) < follow {
                follow = bottom(row)
                let next = sign * (sign * follow * (1 + sign * (request.trailingStop ?? 0)))
                if close(row) > next { return enter(row, next, atOpen: false, byClose: true) }
            }
        }
        return nil
    }

    private mutating func enter(
        _ row: Int, _ at: Double, atOpen: Bool, byClose: Bool = false
    ) -> Done? {
        (entryRow, price, best, wasAtOpen) = (row, at, at, atOpen)
        isAmbiguous = byClose
        if let done = byClose ? afterTurn(row) : atOpen ? wholeBar(row) : entryBar(row) {
            return done
        }
        for next in row + 1..<bars.count {
            if let done = leave(next) { return done }
        }
        return done(bars.count - 1, close(bars.count - 1), "end_of_data")
    }

    private func done(_ row: Int, _ at: Double, _ tag: String) -> Done {
        Done(
            entryRow: entryRow, entryPrice: sign * price, exitRow: row, exitPrice: sign * at,
            tag: tag, isAmbiguous: isAmbiguous)
    }

    /// The bar of an entry between its open and its close.
    private mutating func entryBar(_ row: Int) -> Done? {
        let isStop = request.type == .stopMarket || request.type == .trailingStop
        let hitsTarget = target.map { top(row) > $0 } ?? false
        if let stop, bottom(row) <= stop.level {
            isAmbiguous = hitsTarget || (isStop && close(row) > stop.level)
            return done(row, stop.level, stop.name)
        }
        guard hitsTarget, let target else { return nil }
        if isStop || close(row) > target { return done(row, target, "take_profit") }
        isAmbiguous = true
        return nil
    }

    /// The bar of an entry that its close has told of.
    private func afterTurn(_ row: Int) -> Done? {
        if let stop, close(row) <= stop.level { return done(row, stop.level, stop.name) }
        if let target, close(row) > target { return done(row, target, "take_profit") }
        return nil
    }

    private mutating func leave(_ row: Int) -> Done? {
        if let bars = request.bracket.maxBars, row >= entryRow + bars {
            return done(row, open(row), "max_bars")
        }
        return wholeBar(row)
    }

    private mutating func wholeBar(_ row: Int) -> Done? {
        if let stop, open(row) <= stop.level { return done(row, open(row), stop.name) }
        if let target, open(row) > target { return done(row, target, "take_profit") }
        let hitsTarget = target.map { top(row) > $0 } ?? false
        if let stop, bottom(row) <= stop.level {
            isAmbiguous = isAmbiguous || hitsTarget
            return done(row, stop.level, stop.name)
        }
        if let target, hitsTarget { return done(row, target, "take_profit") }
        best = max(best, top(row))
        guard let distance = request.bracket.trailingStop else { return nil }
        let level = sign * (sign * best * (1 - sign * distance))
        guard close(row) < level else { return nil }
        isAmbiguous = true
        return done(row, level, "trailing_stop")
    }
}
