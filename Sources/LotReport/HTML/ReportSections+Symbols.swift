import LotCore

extension ReportSections {
    /// What came of each symbol of a run over several; nothing for one.
    static func symbols(_ result: RunResult) -> HTML {
        guard !result.symbols.isEmpty else { return .all([]) }
        let rows = result.symbols.map { row in
            HTML.element(
                "tr", [:],
                SymbolTable.cells(row).enumerated().map { index, shown in
                    cell(
                        ReportCell(
                            text: shown.text, style: index == 0 ? "word" : tone(shown.tone)))
                })
        }
        return .element(
            "section", [:],
            .element("h2", [:], .text("Symbols")),
            table("list words", SymbolTable.heads, rows),
            .element(
                "p", ["class": "small"],
                .text(
                    "Share: profit over the account's starting cash; the shares add up to the "
                        + "total return. Max fall: the deepest fall of a symbol's own profit, "
                        + "over the starting cash. Buy & hold of the whole is an equal part of "
                        + "the cash in each. symbols.csv has more.")))
    }
}
