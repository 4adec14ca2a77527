import LotCore
import LotEngine
import LotMath

/// What a leg does at the open after a close: market orders.
enum CrossAct {
    /// Opens, where nothing is held: a signed quantity.
    case enter(Double)
    /// Opens, where nothing is held, with a share of the equity; its sign is the side.
    case share(Double)
    /// Sends an order of a quantity against what is held, signed as the order.
    case trim(Double)
    /// Sends an order of an amount of money against what is held, which it can only reduce.
    case reduce(Double)
    case leave
}

/// A plain reading of rules 2 and 13 for several perpetuals over one cross margin: market orders
/// at opens, funding, liquidations at opens and inside bars, one-way or hedged; everything else
/// off.
struct CrossReference {
    struct Done {
        var leg: Int
        var entryTime: Int64
        var exitTime: Int64
        var exitPrice: Double
        var tag: String
    }

    private struct Position {
        var quantity: Double
        var price: Double
        var time: Int64
        var closed = 0.0
        var closedNotional = 0.0
    }

    let symbols: [PortfolioSymbol]
    /// Times and rates of each symbol's funding, at opens or in the first half of a bar.
    let payments: [[Int64: Double]]
    let isHedged: Bool
    let leverage: Double
    let rate: Double
    let fee: Double
    let liquidationFee: Double
    let start: Double
    private(set) var cash: Double
    /// What each leg has brought so far, and what it was worth after the orders at the open.
    private var flows: [Int: Double] = [:]
    private var worths: [Int: Double] = [:]
    /// Legs are numbered by symbol, two each: in hedge mode the short one is the odd one.
    private var held: [Int: Position] = [:]
    private var marks: [Int: Double] = [:]
    private var pending: [Int: CrossAct] = [:]
    /// Where a leg of a symbol has been liquidated inside the bar under way.
    private var falls: [Int: Double] = [:]
    private(set) var done: [Done] = []
    /// How many of the liquidations lay inside a bar whose own prices alone would not have done it.
    private(set) var byOthers = 0
    /// How many payments were made, and how many orders closed a part.
    private(set) var paid = 0
    private(set) var parts = 0

    init(
        _ symbols: [PortfolioSymbol], payments: [[Int64: Double]], isHedged: Bool,
        leverage: Double, rate: Double, fee: Double, liquidationFee: Double, cash: Double
    ) {
        self.symbols = symbols
        self.payments = payments
        self.isHedged = isHedged
        self.leverage = leverage
        self.rate = rate
        self.fee = fee
        self.liquidationFee = liquidationFee
        start = cash
        self.cash = cash
    }

    /// Runs all bars; `decide` tells what a leg does, given what it holds.
    mutating func run(_ decide: (_ leg: Int, _ row: Int, _ held: Double) -> CrossAct?) {
        let times = Set(
            symbols.flatMap { symbol in symbol.window.map { symbol.bars.openTime[$0] } })
        for time in times.sorted() {
            let rows = symbols.indices.compactMap { index -> (Int, Int)? in
                let row = symbols[index].bars.firstIndex(atOrAfter: time)
                guard symbols[index].window.contains(row),
                    symbols[index].bars.openTime[row] == time
                else { return nil }
                return (index, row)
            }
            for (index, row) in rows { marks[index] = symbols[index].bars.open[row] }
            open(rows, time)
            inside(rows, time)
            close(rows, time, decide)
        }
        let order = done.enumerated().sorted {
            ($0.element.exitTime, $0.element.leg, $0.offset)
                < ($1.element.exitTime, $1.element.leg, $1.offset)
        }
        done = order.map(\.element)
    }

    private func legs(_ rows: [(Int, Int)]) -> [Int] {
        rows.flatMap { isHedged ? [2 * $0.0, 2 * $0.0 + 1] : [2 * $0.0] }
    }

    private func mark(_ leg: Int) -> Double { marks[leg / 2] ?? 0 }

    private func sum(_ part: (Int, Position) -> Double) -> Double {
        held.sorted { $0.key < $1.key }.reduce(0) { $0 + part($1.key, $1.value) }
    }

    /// Equity less maintenance margin with every symbol at the prices given.
    private func slack(_ prices: [Int: Double]) -> Double {
        cash
            + sum { leg, position in
                let price = prices[leg / 2] ?? 0
                return position.quantity * price - abs(position.quantity) * price * rate
            }
    }

    /// What new positions may be put up with.
    private var free: Double {
        let free =
            cash
            + sum { leg, position in
                let notional = position.quantity * mark(leg)
                return notional - abs(notional) / leverage
            }
        return free < 1e-9 * start ? 0 : free
    }

    /// Whether a leg is on the side on which its symbol loses: long, with the price falling.
    private func loses(_ leg: Int) -> Bool {
        let own = [leg, leg ^ 1].compactMap { held[$0]?.quantity }
        let slope = own.reduce(0) { $0 + $1 - abs($1) * rate }
        return (held[leg]?.quantity ?? 0) > 0 ? slope > 0 : slope < 0
    }

    private func loss(_ leg: Int, _ price: Double) -> Double {
        held[leg].map { $0.quantity * ($0.price - price) } ?? -.infinity
    }

    // MARK: At the open

    private mutating func open(_ rows: [(Int, Int)], _ time: Int64) {
        let (all, before) = (legs(rows), Set(held.keys))
        for leg in all { pay(leg, time...time) }
        while slack(marks) <= 0 {
            let past = all.filter { held[$0] != nil && loses($0) }
            guard let worst = past.max(by: { (loss($0, mark($0)), $1) < (loss($1, mark($1)), $0) })
            else { break }
            liquidate(worst, mark(worst), time)
        }
        for isHeld in [true, false] {
            for leg in all where before.contains(leg) == isHeld {
                if let act = pending[leg] { fill(leg, act, time) }
                pending[leg] = nil
            }
        }
        for leg in all { pay(leg, time + 1...time + 3_599_999) }
    }

    private mutating func pay(_ leg: Int, _ due: ClosedRange<Int64>) {
        for (time, rate) in payments[leg / 2].sorted(by: { $0.key < $1.key })
        where due.contains(time) {
            guard let position = held[leg] else { continue }
            move(leg, -position.quantity * mark(leg) * rate)
            paid += 1
        }
    }

    private mutating func move(_ leg: Int, _ amount: Double) {
        cash += amount
        flows[leg, default: 0] += amount
    }

    private mutating func fill(_ leg: Int, _ act: CrossAct, _ time: Int64) {
        let price = mark(leg)
        let perUnit = price * (1 / leverage + fee)
        switch act {
        case .leave: leave(leg, .infinity, price, time, fee, "out")
        case .reduce(let money): leave(leg, money / perUnit, price, time, fee, "out")
        case .enter(let quantity): enter(leg, quantity, price, time)
        case .trim(let quantity):
            if held[leg] != nil {
                leave(leg, abs(quantity), price, time, fee, "out")
            } else if !isHedged {
                // What it was to close is gone: it opens the other side.
                enter(leg, quantity, price, time)
            }
        case .share(let share):
            let equity = cash + sum { $1.quantity * mark($0) }
            let quantity = min(abs(share) * equity, free) / perUnit
            if free > 1e-9 * equity, quantity > 0 {
                enter(leg, share > 0 ? quantity : -quantity, price, time)
            }
        }
    }

    private mutating func enter(_ leg: Int, _ quantity: Double, _ price: Double, _ time: Int64) {
        let cost = abs(quantity) * price * (1 / leverage + fee)
        guard cost <= free * (1 + 1e-12) else { return }
        move(leg, -quantity * price - abs(quantity) * price * fee)
        held[leg] = Position(quantity: quantity, price: price, time: time)
    }

    // MARK: Inside the bar

    /// The worst price of each symbol that has the bar: that extreme which leaves least.
    private func worst(_ rows: [(Int, Int)]) -> [Int: Double] {
        var worst = marks
        for (index, row) in rows {
            let own = [2 * index, 2 * index + 1].compactMap { held[$0]?.quantity }
            guard !own.isEmpty else { continue }
            let slope = own.reduce(0) { $0 + $1 - abs($1) * rate }
            let bars = symbols[index].bars
            worst[index] = slope > 0 ? bars.low[row] : bars.high[row]
        }
        return worst
    }

    private mutating func inside(_ rows: [(Int, Int)], _ time: Int64) {
        falls = [:]
        worths = [:]
        for leg in flows.keys { worths[leg] = worth(leg) }
        defer { worths = [:] }
        let first = worst(rows)
        guard slack(first) <= 0 else { return }
        let order = legs(rows).sorted {
            (loss($1, first[$1 / 2] ?? 0), $0) < (loss($0, first[$0 / 2] ?? 0), $1)
        }
        for leg in order { look(leg, rows, time) }
        // What is left is looked at anew, as often as something goes.
        while true {
            let worst = worst(rows)
            let hit = legs(rows).filter {
                held[$0] != nil && loses($0) && slack(worst) <= gains(besides: $0)
            }
            guard let next = hit.max(by: { (loss($0, mark($0)), $1) < (loss($1, mark($1)), $0) })
            else { return }
            look(next, rows, time)
        }
    }

    private func worth(_ leg: Int) -> Double {
        (flows[leg] ?? 0) + (held[leg]?.quantity ?? 0) * mark(leg)
    }

    /// What others have gained inside the bar: it may have come later, so it does not count.
    private func gains(besides leg: Int) -> Double {
        worths.sorted { $0.key < $1.key }.reduce(0) { sum, item in
            item.key == leg ? sum : sum + max(0, worth(item.key) - item.value)
        }
    }

    /// Liquidates a leg if the account, the others at their worst, falls to what it must keep.
    private mutating func look(_ leg: Int, _ rows: [(Int, Int)], _ time: Int64) {
        // The legs of a symbol have one price: what is left of the bar begins where one went.
        let (worst, open) = (worst(rows), falls[leg / 2] ?? mark(leg))
        let locked = gains(besides: leg)
        guard let position = held[leg], loses(leg), slack(worst) <= locked else { return }
        var alone = marks
        alone[leg / 2] = worst[leg / 2]
        if slack(alone) > locked { byOthers += 1 }
        // The price at which nothing is left to spare, by halving.
        var (low, high) = (0.0, 100 * open)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            var prices = worst
            prices[leg / 2] = middle
            if (slack(prices) < locked) == (position.quantity > 0) {
                low = middle
            } else {
                high = middle
            }
        }
        let level = (low + high) / 2
        let price = position.quantity > 0 ? min(open, level) : max(open, level)
        falls[leg / 2] = price
        liquidate(leg, price, time)
    }

    /// No worse than where nothing is left of the account, the other symbols at the bar's open.
    private mutating func liquidate(_ leg: Int, _ reference: Double, _ time: Int64) {
        guard let position = held[leg] else { return }
        let others =
            cash - gains(besides: leg) + sum { $0 / 2 == leg / 2 ? 0 : $1.quantity * mark($0) }
        let net = position.quantity + (held[leg ^ 1]?.quantity ?? 0)
        let last = net * position.quantity > 0 ? max(0, -others / net) : 0
        var price = reference
        if last > 0 { price = position.quantity > 0 ? max(price, last) : min(price, last) }
        let notional = abs(position.quantity) * price
        let cost = min(notional * liquidationFee, max(0, others + net * price))
        leave(leg, .infinity, price, time, cost / notional, "liquidation")
    }

    private mutating func leave(
        _ leg: Int, _ most: Double, _ price: Double, _ time: Int64, _ rate: Double, _ tag: String
    ) {
        guard var position = held[leg] else { return }
        let part = min(most, abs(position.quantity))
        let signed = position.quantity > 0 ? part : -part
        move(leg, signed * price - part * price * rate)
        position.closed += part
        position.closedNotional += part * price
        position.quantity = part == abs(position.quantity) ? 0 : position.quantity - signed
        held[leg] = position
        guard position.quantity == 0 else {
            parts += 1
            return
        }
        held[leg] = nil
        done.append(
            Done(
                leg: leg, entryTime: position.time, exitTime: time,
                exitPrice: position.closedNotional / position.closed, tag: tag))
    }

    // MARK: At the close

    private mutating func close(
        _ rows: [(Int, Int)], _ time: Int64, _ decide: (Int, Int, Double) -> CrossAct?
    ) {
        for (index, row) in rows {
            for leg in legs([(index, row)]) {
                pending[leg] = decide(leg, row, held[leg]?.quantity ?? 0)
            }
        }
        for (index, row) in rows {
            let price = symbols[index].bars.close[row]
            marks[index] = price
            guard row + 1 == symbols[index].window.upperBound else { continue }
            for leg in legs([(index, row)]) {
                leave(leg, .infinity, price, time, fee, "end_of_data")
                pending[leg] = nil
            }
        }
    }
}

/// A strategy that carries out ``CrossAct``s on the legs of one symbol.
final class CrossStrategy: Strategy {
    let program = SeriesProgram()
    let wantsUpdates = false
    let conflicts = 0
    private let symbol: Int
    private let decide: (_ leg: Int, _ row: Int, _ held: Double) -> CrossAct?
    private var desk: OrderDesk?
    private var hedge: HedgeView?

    init(_ symbol: Int, _ decide: @escaping (Int, Int, Double) -> CrossAct?) {
        self.symbol = symbol
        self.decide = decide
    }

    func start(_ context: StrategyContext) { (desk, hedge) = (context.desk, context.hedge) }
    func tileChanged() {}
    func onStop(_ account: AccountView) {}
    func onUpdates(_ updates: [OrderUpdate], _ account: AccountView) {}

    func onBar(_ account: AccountView) {
        guard let hedge else { return act(2 * symbol, account.row, account.position, nil) }
        act(2 * symbol, account.row, hedge.long.size, .long)
        act(2 * symbol + 1, account.row, hedge.short.size, .short)
    }

    private func act(_ leg: Int, _ row: Int, _ held: Double, _ side: PositionSide?) {
        guard let desk, let act = decide(leg, row, held) else { return }
        func submit(_ signed: Double, _ size: Size, reduceOnly: Bool = false) {
            _ = desk.submit(
                OrderRequest(
                    signed > 0 ? .buy : .sell, size: size, reduceOnly: reduceOnly, tag: "out",
                    positionSide: side))
        }
        switch act {
        case .enter(let quantity), .trim(let quantity):
            submit(quantity, .base(abs(quantity)))
        case .share(let share): submit(share, .equity(abs(share)))
        case .reduce(let money): submit(-held, .quote(money), reduceOnly: true)
        case .leave: _ = desk.exit(tag: "out", side)
        }
    }
}
