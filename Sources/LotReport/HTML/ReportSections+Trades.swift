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
        let names = [
            "#", "Side", "Entry", "Exit", "Held", "Entry price", "Exit price", "Quantity",
            "Fees", "Profit", "Return", "Entry tag", "Exit tag",
        ]
        let head = HTML.element(
            "thead", [:],
            .element("tr", [:], names.map { .element("th", ["scope": "col"], .text($0)) }))
        let rows = shown.enumerated().map { row($0.offset, $0.element, result.instrument) }
        var parts: [HTML] = [
            .element("h2", [:], .text("Trades")),
            .element(
                "div", ["class": "scroll", "tabindex": "0"],
                .element("table", ["class": "list"], head, .element("tbody", [:], rows))),
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

    private static func row(_ index: Int, _ trade: Trade, _ instrument: Instrument) -> HTML {
        let tone = ReportSections.tone(trade.profit > 0 ? 1 : trade.profit < 0 ? -1 : 0)
        let held = NumberText.duration(milliseconds: Double(trade.exitTime - trade.entryTime))
        let cells: [(String, String)] = [
            ("", grouped(index + 1) + (trade.isAmbiguous ? "*" : "")),
            ("word", trade.side == .buy ? "long" : "short"),
            ("", timeText(trade.entryTime)),
            ("", timeText(trade.exitTime)),
            ("", held),
            ("", NumberText.quantity(trade.entryPrice, step: instrument.tickSize)),
            ("", NumberText.quantity(trade.exitPrice, step: instrument.tickSize)),
            ("", NumberText.quantity(trade.quantity, step: instrument.lotSize)),
            ("", NumberText.fixed(trade.fees, 2)),
            (tone, NumberText.fixed(trade.profit, 2)),
            (tone, NumberText.percent(trade.profitFraction)),
            ("word", trade.entryTag),
            ("word", trade.exitTag),
        ]
        return .element(
            "tr", [:],
            cells.map { style, text in
                .element("td", style.isEmpty ? [:] : ["class": style], [.text(text)])
            })
    }

    /// `2024-01-31 09:05`: the list is UTC throughout.
    private static func timeText(_ time: Int64) -> String {
        String(CivilTime.text(time).map { $0 == "T" ? " " : $0 }.dropLast())
    }
}
