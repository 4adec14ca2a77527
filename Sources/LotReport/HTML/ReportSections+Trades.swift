import LotCore

extension ReportSections {
    /// The list of trades, up to ``HTMLReport/tradeLimit``.
    static func trades(_ result: RunResult) -> HTML {
        let trades = result.trades
        guard !trades.isEmpty else {
            return .element(
                "section", [:], .element("h2", [:], .text("Trades")),
                .element("p", [:], .text("The strategy closed no trade.")))
        }
        let shown = trades.prefix(HTMLReport.tradeLimit)
        let symbol = result.symbols.isEmpty ? [] : ["Symbol"]
        let names =
            ["#"] + symbol + [
                "Side", "Entry", "Exit", "Held", "Entry price", "Exit price", "Quantity",
                "Fees", "Profit", "Return", "MAE", "MFE", "Entry tag", "Exit tag",
            ]
        let moves = result.details.excursions
        let rows = shown.enumerated().map { index, trade in
            row(index, trade, index < moves.count ? moves[index] : nil, result)
        }
        var parts: [HTML] = [
            .element("h2", [:], .text("Trades")),
            table("list trades", names, rows),
        ]
        if trades.count > shown.count {
            let text =
                "The first \(grouped(shown.count)) of \(grouped(trades.count)) trades; "
                + "trades.csv has them all."
            parts.append(.element("p", ["class": "small"], .text(text)))
        }
        if shown.contains(where: \.isAmbiguous) {
            let text = "* A fill depended on the order of events inside a bar."
            parts.append(.element("p", ["class": "small"], .text(text)))
        }
        return .element("section", [:], parts)
    }

    private static func row(
        _ index: Int, _ trade: Trade, _ moves: Excursion?, _ result: RunResult
    ) -> HTML {
        let isOne = result.portfolio.isEmpty
        let instrument = isOne ? result.instrument : result.portfolio[trade.symbol].instrument
        let held = NumberText.duration(milliseconds: Double(trade.exitTime - trade.entryTime))
        func plain(_ text: String) -> ReportCell { ReportCell(text: text) }
        func move(_ value: Double?) -> ReportCell { plain(NumberText.percent(value ?? .nan)) }
        var cells = [plain(grouped(index + 1) + (trade.isAmbiguous ? "*" : ""))]
        if !isOne { cells.append(.word(result.symbolName(trade.symbol))) }
        cells += [
            .word(trade.side == .buy ? "long" : "short"), plain(timeText(trade.entryTime)),
            plain(timeText(trade.exitTime)), plain(held),
            plain(NumberText.quantity(trade.entryPrice, step: instrument.tickSize)),
            plain(NumberText.quantity(trade.exitPrice, step: instrument.tickSize)),
            plain(NumberText.quantity(trade.quantity, step: instrument.lotSize)),
            plain(NumberText.fixed(trade.fees, 2)), .amount(trade.profit),
            .percent(trade.profitFraction), move(moves?.adverse), move(moves?.favourable),
            .word(trade.entryTag), .word(trade.exitTag),
        ]
        return .element("tr", [:], cells.map(cell))
    }

    /// `2024-01-31 09:05`: the list is UTC throughout.
    private static func timeText(_ time: Int64) -> String {
        String(CivilTime.text(time).map { $0 == "T" ? " " : $0 }.dropLast())
    }
}
