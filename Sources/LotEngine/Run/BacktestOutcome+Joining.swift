import LotCore
import LotMath

extension BacktestOutcome {
    /// Puts a later run behind this one: one account that goes on, with the trades, orders and
    /// costs of both.
    ///
    /// The later run must have begun with this one's ``finalEquity`` and known its peak
    /// (``BacktestInput/earlierPeak``): then nothing is scaled, money adds up over the seam, and
    /// the maximum drawdown is exact.
    ///
    /// - Parameters:
    ///   - later: The run that follows in time.
    ///   - bars: Bars of all runs that are joined: beyond ``EquityRecorder/everyBarLimit`` the
    ///     curve has a point a day.
    ///   - followsPrice: Whether the curve's closes are a value that goes on as well (that of
    ///     buying and holding several symbols) and not a price of the market.
    /// - Complexity: O(trades + orders + points of the curve).
    public mutating func append(
        _ later: BacktestOutcome, bars: Int, followsPrice: Bool = false
    ) {
        equity.append(later.equity, bars: bars, followsPrice: followsPrice)
        trades += later.trades
        let shift = orders.last?.id ?? 0
        orders += later.orders.map { order in
            var order = order
            order.id += shift
            return order
        }
        finalEquity = later.finalEquity
        fees += later.fees
        slippage += later.slippage
        funding += later.funding
        counters.add(later.counters)
        notes.append(later.notes)
    }
}

extension PortfolioOutcome {
    /// Puts a later run of the same symbols behind this one; see
    /// ``BacktestOutcome/append(_:bars:followsPrice:)``.
    ///
    /// A symbol's deepest fall is the deepest of its runs.
    public mutating func append(_ later: PortfolioOutcome, bars: Int) {
        precondition(later.symbols.map(\.name) == symbols.map(\.name), "other symbols")
        account.append(later.account, bars: bars, followsPrice: true)
        self.bars += later.bars
        mostPositions = max(mostPositions, later.mostPositions)
        for index in symbols.indices { symbols[index].append(later.symbols[index]) }
    }
}

extension SymbolOutcome {
    fileprivate mutating func append(_ later: SymbolOutcome) {
        profit += later.profit
        fees += later.fees
        slippage += later.slippage
        funding += later.funding
        deepestFall = max(deepestFall, later.deepestFall)
        holdingGrowth *= later.holdingGrowth
        counters.add(later.counters)
        unlistedRejections += later.unlistedRejections
    }
}

extension RunNotesSnapshot {
    /// Adds what a later run printed and plotted; lines of one name go on.
    fileprivate mutating func append(_ later: RunNotesSnapshot) {
        log += later.log
        droppedLines += later.droppedLines
        for line in later.plots {
            if let place = plots.firstIndex(where: {
                $0.name == line.name && $0.symbol == line.symbol
            }) {
                plots[place].times += line.times
                plots[place].values += line.values
            } else {
                plots.append(line)
            }
        }
    }
}

extension EquityRecorder {
    /// Puts the curve of a later run behind this one's.
    fileprivate mutating func append(_ later: EquityRecorder, bars: Int, followsPrice: Bool) {
        let peak = tracker.peak
        let scale = followsPrice ? tracker.last.price / later.tracker.base.price : 1
        tracker.join(later.tracker)
        var added = later.curve
        for index in added.indices {
            // 1 − e / max(P, p) is the larger of 1 − e / P and 1 − e / p.
            added[index].drawdown = max(added[index].drawdown, 1 - added[index].equity / peak)
            added[index].close *= scale
            added[index].position /= scale
        }
        curve += added
        if bars > EquityRecorder.everyBarLimit { keepDays() }
    }

    /// Leaves the last point of each UTC day.
    private mutating func keepDays() {
        func day(_ point: EquityPoint) -> Int64 { (point.time - 1) / millisecondsPerDay }
        curve = curve.indices.filter { index in
            index + 1 == curve.count || day(curve[index]) != day(curve[index + 1])
        }.map { curve[$0] }
    }
}
