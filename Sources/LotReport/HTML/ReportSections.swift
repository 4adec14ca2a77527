import LotCore

/// The parts of a report, top to bottom.
enum ReportSections {
    static func header(_ result: RunResult) -> HTML {
        let data = result.data
        let chips = result.strategy.parameters.map { parameter in
            HTML.element(
                "li", [:], .element("span", [:], .text(parameter.name)),
                .text(" " + parameter.value.description))
        }
        var parts: [HTML] = [
            .element("p", ["class": "kicker"], .text("Backtest")),
            .element("h1", [:], .text(result.strategy.name)),
            .element(
                "p", ["class": "lead"],
                .element("strong", [:], .text(data.seriesTitle)),
                .text("  ·  " + RunText.period(data) + "  ·  " + counted(data.bars, "bar"))),
        ]
        if !chips.isEmpty { parts.append(.element("ul", ["class": "chips"], chips)) }
        return .element("header", [:], parts)
    }

    static func warnings(_ result: RunResult) -> HTML {
        guard !result.warnings.isEmpty else { return .all([]) }
        let items = result.warnings.map { HTML.element("li", [:], .text($0)) }
        return .element(
            "section", ["class": "warnings"],
            .element("h2", [:], .text("Before you trust these numbers")),
            .element("ul", [:], items))
    }

    /// The numbers that people look for first.
    static func tiles(_ result: RunResult) -> HTML {
        let keys = [
            "total_return", "buy_hold_return", "cagr", "sharpe", "max_drawdown", "profit_factor",
            "win_rate", "trades",
        ]
        let rows = MetricRow.groups(result).flatMap(\.1)
        let tiles = keys.compactMap { key in
            rows.first { $0.presentation.key == key }
        }.map { row in
            HTML.element(
                "div", ["class": "tile"],
                .element("span", ["class": "label"], .text(row.presentation.label)),
                .element("span", ["class": "value" + tone(row.tone)], .text(row.text)))
        }
        return tiles.isEmpty ? .all([]) : .element("section", ["class": "tiles"], tiles)
    }

    static func charts(_ set: ChartSet) -> HTML {
        if let note = set.note {
            return .element("section", ["class": "note"], .element("p", [:], .text(note + ".")))
        }
        var parts: [HTML] = []
        var halves: [HTML] = []
        for chart in set.charts {
            halves.append(figure(chart))
            if chart.isHalf, halves.count < 2 { continue }
            parts += halves.count < 2 ? halves : [.element("div", ["class": "halves"], halves)]
            halves = []
        }
        return .all(parts + halves)
    }

    private static func figure(_ chart: DrawnChart) -> HTML {
        let legend = chart.legend.map { entry in
            HTML.element(
                "li", [:], .element("i", ["class": entry.color.name]), .text(entry.label))
        }
        return .element(
            "figure", [:],
            .element(
                "figcaption", [:], .element("h2", [:], .text(chart.title)),
                .element("ul", ["class": "legend"], legend)),
            .drawing(chart))
    }

    static func metrics(_ result: RunResult) -> HTML {
        let groups = MetricRow.groups(result)
        // Three columns of like height.
        let columns: [[MetricPresentation.Group]] = [
            [.performance, .market, .honesty, .window], [.risk], [.trades],
        ]
        let tables = columns.map { column in
            let parts = groups.filter { column.contains($0.0) }.flatMap { group, rows in
                [
                    HTML.element("h3", [:], .text(group.rawValue)),
                    pairs(rows.map { ($0.presentation.label, $0.text, $0.tone) }),
                ]
            }
            return HTML.element("div", ["class": "group"], parts)
        }
        let year = NumberText.shortest(result.settings.daysPerYear)
        return .element(
            "section", [:],
            .element("h2", [:], .text("Metrics")),
            .element("div", ["class": "groups"], tables),
            .element(
                "p", ["class": "small"],
                .text(
                    "Ratios use the returns of \(result.data.countsDays ? "UTC days" : "bars"), "
                        + "annualised on \(year) days; maximum drawdown "
                        + "uses every bar's close; figures of closed trades do not see open "
                        + "positions. – means undefined.")))
    }

    static func trust(_ result: RunResult) -> HTML {
        var parts: [HTML] = [
            .element("h2", [:], .text("How far to trust it")),
            .element(
                "p", ["class": "small"],
                .text(
                    "Ambiguous bars held a fill that depended on the order of events inside the "
                        + "bar; the worse outcome was taken. Missing bars were never invented "
                        + "unless the settings say fill.")),
            columns(RunText.counters(result)),
        ]
        let gaps = result.data.gaps
        if !gaps.isEmpty {
            var lines = gaps.prefix(20).map { gap in
                CivilTime.text(gap.from) + " – " + CivilTime.text(gap.to) + ": "
                    + grouped(gap.bars) + (gap.bars == 1 ? " bar" : " bars")
            }
            if gaps.count > 20 { lines.append("and \(grouped(gaps.count - 20)) more") }
            parts.append(.element("h3", [:], .text("Gaps in the data")))
            parts.append(.element("ul", [:], lines.map { .element("li", [:], .text($0)) }))
        }
        return .element("section", [:], parts)
    }

    static func settings(_ result: RunResult) -> HTML {
        let strategy = result.strategy
        var identity = [
            ("Script", RunParts.fileName(strategy.file) + " (" + strategy.form + ")"),
            ("Data digest", result.data.digest),
        ]
        for other in result.data.others {
            let origin = other.origin == other.address ? "" : ", made of \(other.origin)"
            identity.append(("Digest of \(other.address)\(origin)", other.digest))
        }
        for symbol in result.portfolio {
            identity.append(("Digest of \(symbol.data.address)", symbol.data.digest))
        }
        for (file, hash) in strategy.sortedHashes { identity.append(("SHA-256 of " + file, hash)) }
        return .element(
            "section", [:],
            .element("h2", [:], .text("Settings")),
            columns(RunText.settings(result)),
            .element("div", ["class": "hashes"], pairs(identity.map { ($0.0, $0.1, 0) })))
    }

    static func log(_ result: RunResult) -> HTML {
        guard !result.log.isEmpty else { return .all([]) }
        let shown = result.log.suffix(HTMLReport.logLimit)
        let lines = shown.map { line in
            (line.time.map(CivilTime.text) ?? "") + "  " + escaped(line.text, limit: 1_024)
        }
        let count = grouped(result.log.count)
        let some =
            shown.count < result.log.count ? ", the last \(shown.count) lines of \(count)" : ""
        return .element(
            "section", [:],
            .element(
                "details", [:],
                .element("summary", [:], .text("Log" + some)),
                .element("pre", [:], lines.map { .all([.text($0), .lineBreak]) })))
    }

    static func footer(_ result: RunResult, manifestID: String) -> HTML {
        var text = "lot " + result.engineVersion
        if !manifestID.isEmpty { text += "  ·  manifest " + manifestID }
        return .element("footer", [:], .text(text))
    }

    /// Labels and values side by side in two tables.
    private static func columns(_ rows: [(String, String)]) -> HTML {
        let half = (rows.count + 1) / 2
        let tables = [rows[..<half], rows[half...]].map { part in
            HTML.element("div", ["class": "group"], pairs(part.map { ($0.0, $0.1, 0) }))
        }
        return .element("div", ["class": "groups"], tables)
    }

    /// A two-column table of label, value and tone.
    private static func pairs(_ rows: [(String, String, Int)]) -> HTML {
        .element(
            "table", ["class": "pairs"],
            .element(
                "tbody", [:],
                rows.map { label, value, mark in
                    .element(
                        "tr", [:], .element("th", ["scope": "row"], .text(label)),
                        .element("td", ["class": tone(mark)], .text(value)))
                }))
    }

    static func tone(_ tone: Int) -> String {
        tone == 0 ? "" : tone > 0 ? " good" : " bad"
    }
}

extension StrategyIdentity {
    /// Hashes by file name, sorted: a dictionary's own order is not repeatable.
    var sortedHashes: [(String, String)] {
        hashes.map { (RunParts.storedName($0.key), $0.value) }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    }
}
