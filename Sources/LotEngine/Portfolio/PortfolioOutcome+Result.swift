public import LotCore
public import LotMath

extension PortfolioOutcome {
    /// Gathers the result of a run over several symbols: the account's, by the same statistics as
    /// one symbol's, and each symbol's part in it.
    ///
    /// - Parameters:
    ///   - strategy: What ran.
    ///   - data: What it ran on as a whole.
    ///   - portfolio: What went into each symbol, in name order.
    ///   - settings: Every setting.
    ///   - engineVersion: Version of the engine.
    ///   - bars: What each symbol ran on, as the engine saw it.
    ///   - joined: What metrics are computed from where stretches were joined
    ///     (``MetricInput/init(joining:)``).
    /// - Returns: The value that every table, file and report renders.
    /// - Complexity: O(days + trades + bars with a position).
    public func result(
        strategy: StrategyIdentity, data: DataIdentity, portfolio: [SymbolData],
        settings: RunSettings, engineVersion: String, bars: [Bars], joined: MetricInput? = nil
    ) -> RunResult {
        // Steps and minimums are each symbol's own, and so is what is said of them.
        let market = portfolio[0].instrument.market
        var result = account.result(
            strategy: strategy, data: data,
            instrument: Instrument(market: market, minQuantity: 0), settings: settings,
            engineVersion: engineVersion, bars: bars, parts: portfolio, joined: joined)
        result.instrument = Instrument(market: market)
        result.portfolio = portfolio
        result.symbols = symbols.indices.map { row($0, portfolio[$0], settings) }
        result.prices = Set(result.plots.map(\.symbol)).sorted().map { index in
            PortfolioOutcome.closes(bars[index], index, portfolio[index].data)
        }
        result.warnings += warnings(portfolio)
        return result
    }

    /// A symbol's closes over the run: the last of each stretch that plotted lines have a value of.
    private static func closes(_ bars: Bars, _ symbol: Int, _ data: DataIdentity) -> PlotLine {
        let window =
            bars.firstIndex(
                atOrAfter: data.firstTime)..<bars.firstIndex(atOrAfter: data.lastTime + 1)
        let rows = RunNotes(rows: window).lastRows(window)
        return PlotLine(
            name: data.address.symbol, times: rows.map { bars.closeTime($0) },
            values: rows.map { bars.close[$0] }, symbol: symbol)
    }

    private func row(_ index: Int, _ symbol: SymbolData, _ settings: RunSettings) -> SymbolRow {
        let part = symbols[index]
        var row = SymbolRow(symbol: symbol.data.address.symbol)
        for trade in account.trades where trade.symbol == index { row.add(trade) }
        row.profit = part.profit
        row.contribution = part.profit / settings.startingCash
        row.fees = part.fees
        row.slippage = part.slippage
        row.funding = part.funding
        row.deepestFall = part.deepestFall
        row.fallFraction = part.deepestFall / settings.startingCash
        row.holding = part.holdingGrowth - 1
        row.bars = symbol.data.bars
        row.exposedBars = part.counters.exposedBars
        row.orders = part.counters.orders
        row.rejectedOrders = part.counters.rejections.values.reduce(0, +)
        row.ambiguousBars = part.counters.ambiguousBars
        row.missingBars = symbol.data.gaps.reduce(0) { $0 + $1.bars }
        return row
    }

    private func warnings(_ portfolio: [SymbolData]) -> [String] {
        var warnings: [String] = []
        let unknown = portfolio.filter(\.instrument.isUnknown)
            .map(\.data.address.symbol)
        if !unknown.isEmpty {
            warnings.append(
                "no tick, lot or minimum is known for \(names(unknown)): prices "
                    + "and quantities are not rounded; lot data instruments sets them")
        }
        let waiting = portfolio.filter { $0.data.decisionBars <= 0 }.map(\.data.address.symbol)
        if !waiting.isEmpty {
            warnings.append(
                "\(names(waiting)): the warm-up is longer than the data, no "
                    + "decision was taken")
        }
        let unlisted = symbols.reduce(0) { $0 + $1.unlistedRejections }
        if unlisted > 0 {
            warnings.append(
                "\(counted(unlisted, "rejected order")) \(unlisted == 1 ? "is" : "are") counted, "
                    + "but not listed in orders.csv")
        }
        return warnings
    }

    /// Some of the names, and how many more there are.
    private func names(_ names: [String]) -> String {
        let shown = names.prefix(6).joined(separator: ", ")
        return names.count > 6 ? shown + " and \(names.count - 6) more" : shown
    }
}
