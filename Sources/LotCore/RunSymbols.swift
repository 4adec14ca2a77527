/// One symbol of a run over several: what went into it.
public struct SymbolData: Sendable, Hashable {
    /// The series and the stretch of it that the run used.
    public var data: DataIdentity
    /// The exchange's rules for the symbol.
    public var instrument: Instrument
    /// Its fees and its leverage.
    public var terms: SymbolTerms

    /// Gathers the three.
    public init(
        data: DataIdentity, instrument: Instrument,
        terms: SymbolTerms = SymbolTerms(RunSettings())
    ) {
        self.data = data
        self.instrument = instrument
        self.terms = terms
    }
}

/// The settings that each symbol of one account may have of its own.
public struct SymbolTerms: Sendable, Hashable {
    /// Fee of resting orders, as a fraction of notional.
    public var makerFee: Double
    /// Fee of orders that take liquidity, as a fraction of notional.
    public var takerFee: Double
    /// Perpetuals: notional value over the margin that is set aside for it.
    public var leverage: Double

    /// The terms of a run in the symbol alone.
    public init(_ settings: RunSettings) {
        makerFee = settings.makerFee
        takerFee = settings.takerFee
        leverage = settings.perpetual.leverage
    }
}

extension RunSettings {
    /// Takes a symbol's own terms in place of the run's.
    public mutating func take(_ terms: SymbolTerms) {
        makerFee = terms.makerFee
        takerFee = terms.takerFee
        perpetual.leverage = terms.leverage
    }
}

/// One symbol's part in the result of a run over several.
///
/// Amounts are in quote currency; what is undefined is not a number.
public struct SymbolRow: Sendable, Equatable {
    /// The symbol.
    public var symbol: String
    /// Closed trades, and how many of them won and lost.
    public var trades = 0
    /// Trades with a profit above 0.
    public var wins = 0
    /// Trades with a profit below 0.
    public var losses = 0
    /// What it brought, fees and funding included.
    public var profit = 0.0
    /// The profit over the account's starting cash: the parts of all symbols add up to the total
    /// return.
    public var contribution = 0.0
    /// Sum of the profits of wins, and of the losses of losses, 0 or more.
    public var grossProfit = 0.0
    /// Sum of the losses.
    public var grossLoss = 0.0
    /// Best and worst profit over the entry's notional, and the mean.
    public var best = Double.nan
    /// The worst.
    public var worst = Double.nan
    /// The mean.
    public var average = Double.nan
    /// Mean time from entry to exit, in milliseconds.
    public var duration = Double.nan
    /// Fees of its fills.
    public var fees = 0.0
    /// What slippage cost.
    public var slippage = 0.0
    /// Funding paid; below 0 if received.
    public var funding = 0.0
    /// Sum of quantity times price of entries and exits.
    public var volume = 0.0
    /// Deepest fall of its profit below the highest so far, at the closes of its bars.
    public var deepestFall = 0.0
    /// The same over the account's starting cash.
    public var fallFraction = 0.0
    /// Return of buying it at its first open and holding.
    public var holding = Double.nan
    /// Bars in the window, and those at whose close it was held.
    public var bars = 0
    /// Bars with a position at their close.
    public var exposedBars = 0
    /// Orders sent, and refused.
    public var orders = 0
    /// Orders refused.
    public var rejectedOrders = 0
    /// Bars with a fill that depended on an order of events inside the bar.
    public var ambiguousBars = 0
    /// Bars missing in the window.
    public var missingBars = 0

    /// A symbol that nothing is known of yet.
    public init(symbol: String) { self.symbol = symbol }

    /// Wins over trades.
    public var winRate: Double { trades > 0 ? Double(wins) / Double(trades) : .nan }

    /// Gross profit over gross loss; not a number without a loss.
    public var profitFactor: Double { grossLoss > 0 ? grossProfit / grossLoss : .nan }

    /// Bars with a position over bars.
    public var exposure: Double { bars > 0 ? Double(exposedBars) / Double(bars) : .nan }

    /// Adds a closed trade of the symbol.
    public mutating func add(_ trade: Trade) {
        let count = Double(trades)
        let time = Double(trade.exitTime - trade.entryTime)
        average =
            trades == 0
            ? trade.profitFraction : average + (trade.profitFraction - average) / (count + 1)
        duration = trades == 0 ? time : duration + (time - duration) / (count + 1)
        trades += 1
        wins += trade.profit > 0 ? 1 : 0
        losses += trade.profit < 0 ? 1 : 0
        grossProfit += max(0, trade.profit)
        grossLoss += max(0, -trade.profit)
        best = best.isNaN ? trade.profitFraction : max(best, trade.profitFraction)
        worst = worst.isNaN ? trade.profitFraction : min(worst, trade.profitFraction)
        volume += trade.quantity * (trade.entryPrice + trade.exitPrice)
    }
}

extension DataIdentity {
    /// The series as text: `binance:BTCUSDT:1h`, or `binance:BTCUSDT,ETHUSDT:1h` for several
    /// symbols.
    public var seriesText: String { text(symbols.joined(separator: ",")) }

    /// The same in few words, where there is little room: `binance:50 symbols:1h`.
    public var seriesTitle: String {
        symbols.count > 4 ? text("\(symbols.count) symbols") : seriesText
    }

    /// A name without separators, for run folders: `BTCUSDT-1h`, `portfolio-1h`.
    public var shortName: String {
        symbols.isEmpty ? address.shortName : "portfolio-" + address.interval.name
    }

    private func text(_ symbols: String) -> String {
        guard !self.symbols.isEmpty else { return address.description }
        let market = address.market == .spot ? "" : "." + address.market.rawValue
        return "\(address.exchange)\(market):\(symbols):\(address.interval.name)"
    }
}

extension RunResult {
    /// The name of a trade's or an order's symbol.
    public func symbolName(_ index: Int) -> String {
        portfolio.isEmpty ? data.address.symbol : portfolio[index].data.address.symbol
    }
}
