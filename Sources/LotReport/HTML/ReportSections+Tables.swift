import LotCore

/// A cell of a table: its text, and its classes.
struct ReportCell {
    var text: String
    var style = ""

    static func word(_ text: String) -> ReportCell { ReportCell(text: text, style: "word") }

    static func count(_ value: Int) -> ReportCell { ReportCell(text: grouped(value)) }

    /// An amount or fraction that is good above 0 and bad below.
    static func gain(_ value: Double, _ text: String) -> ReportCell {
        let tone = value > 0 ? 1 : value < 0 ? -1 : 0
        return ReportCell(text: text, style: value.isFinite ? ReportSections.tone(tone) : "")
    }

    static func percent(_ value: Double) -> ReportCell { gain(value, NumberText.percent(value)) }

    static func amount(_ value: Double) -> ReportCell { gain(value, NumberText.fixed(value, 2)) }
}

/// The tables that are computed once per run.
extension ReportSections {
    /// Returns of months in the colours of gain and loss, a year to a line.
    static func months(_ result: RunResult) -> HTML {
        let months = result.details.rows(.month)
        guard !months.isEmpty else { return .all([]) }
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct"]
        let head = ["Year"] + names + ["Nov", "Dec", "Total", "Buy & hold"]
        // Bars of weeks close on few days of a month, all of it tested.
        let marksPart =
            result.stitching != nil
            && result.data.address.interval.milliseconds <= millisecondsPerDay
        let strongest = months.map { abs($0.growth) }.filter(\.isFinite).max() ?? 0
        let rows = result.details.rows(.year).map { year in
            let name = year.label(.year)
            let cells = (1...12).map { number in
                let label = name + (number < 10 ? "-0" : "-") + String(number)
                let month = months.first { $0.label(.month) == label }
                return heat(month, strongest, marksPart: marksPart)
            }
            let totals = [ReportCell.percent(year.growth), .percent(year.market)].map(cell)
            return HTML.element(
                "tr", [:], [.element("th", ["scope": "row"], .text(name))] + cells + totals)
        }
        let note =
            result.stitching == nil
            ? "Compounded over the days of each month; the first and the last may be partial."
            : "Compounded over the days of each month that were tested; empty where none was, * "
                + "where some were not."
        return .element(
            "section", [:],
            .element("h2", [:], .text("Returns by month")),
            table("list months", head, rows),
            .element("p", ["class": "small"], .text(note)))
    }

    /// A month's return: the larger, the stronger its colour; marked where `marksPart` is set and
    /// it was not tested on each of its days.
    private static func heat(_ month: PeriodRow?, _ strongest: Double, marksPart: Bool) -> HTML {
        guard let month, month.growth.isFinite else {
            return .element("td", [:])
        }
        let growth = month.growth
        let mark = marksPart && month.days < month.monthLength ? "*" : ""
        let share = strongest > 0 ? abs(growth) / strongest : 0
        return .element(
            "td",
            [
                "class": growth < 0 ? "heat fall" : "heat rise",
                "style": "--h:" + NumberText.fixed(share * 60, 0) + "%",
            ], .text(NumberText.fixed(growth * 100, 1) + mark))
    }

    /// The deepest falls.
    static func drawdowns(_ result: RunResult) -> HTML {
        let episodes = result.details.drawdowns
        guard !episodes.isEmpty else { return .all([]) }
        let rows = episodes.map { fall -> [ReportCell] in
            let length = NumberText.duration(milliseconds: Double(fall.length))
            return [
                .word(CivilTime.dateText(fall.start)), .word(CivilTime.dateText(fall.trough - 1)),
                .word(fall.recovery.map { CivilTime.dateText($0 - 1) } ?? "not yet"),
                ReportCell(text: length), .percent(-fall.depth), .amount(-fall.amount),
            ]
        }
        let head = ["Peak", "Deepest", "Recovered", "Length", "Depth", "Amount"]
        return section("Deepest drawdowns", "At day closes.", head, rows)
    }

    /// What years and weekdays brought.
    static func periods(_ result: RunResult) -> HTML {
        let kinds: [PeriodKind] = [.year, .weekday]
        let rows = kinds.flatMap { kind in
            result.details.rows(kind).map { row -> [ReportCell] in
                [
                    .word(row.label(kind)), .count(row.days), .percent(row.growth),
                    .percent(row.market), .amount(row.profit), .count(row.trades),
                    .count(row.wins), .count(row.losses),
                ]
            }
        }
        let head = [
            "Period", "Days", "Return", "Buy & hold", "Profit", "Trades", "Wins", "Losses",
        ]
        return rows.isEmpty
            ? .all([])
            : section(
                "Years and weekdays", "breakdown.csv has days, weeks and months too.", head, rows)
    }

    /// Trades by what opened and closed them.
    static func tags(_ result: RunResult) -> HTML {
        let details = result.details
        let shown = 50
        let all = details.entryTags + details.exitTags + details.tagPairs
        let rows = all.prefix(shown).map { tag -> [ReportCell] in
            [
                .word(tag.entry.map { $0.isEmpty ? "no tag" : $0 } ?? "any"),
                .word(tag.exit.map { $0.isEmpty ? "no tag" : $0 } ?? "any"),
                .count(tag.trades), .count(tag.wins), .count(tag.losses),
                ReportCell(text: NumberText.percent(Double(tag.wins) / Double(tag.trades))),
                .amount(tag.profit), .percent(tag.average),
                ReportCell(text: NumberText.duration(milliseconds: tag.duration)),
            ]
        }
        let head = [
            "Entry", "Exit", "Trades", "Wins", "Losses", "Win rate", "Profit", "Avg return",
            "Avg held",
        ]
        let note =
            all.count > shown
            ? "The first \(shown) of \(grouped(all.count)); result.json has them all."
            : "By entry, by exit, and by both; the most profitable first."
        return rows.isEmpty ? .all([]) : section("Tags", note, head, Array(rows))
    }

    private static func section(
        _ title: String, _ note: String, _ head: [String], _ rows: [[ReportCell]]
    ) -> HTML {
        let body = rows.map { HTML.element("tr", [:], $0.map(cell)) }
        return .element(
            "section", [:],
            .element("h2", [:], .text(title)),
            table("list words", head, body),
            .element("p", ["class": "small"], .text(note)))
    }

    /// A table that scrolls on its own where it is too large.
    static func table(_ style: String, _ head: [String], _ rows: [HTML]) -> HTML {
        let names = head.map { HTML.element("th", ["scope": "col"], .text($0)) }
        return .element(
            "div", ["class": "scroll", "tabindex": "0"],
            .element(
                "table", ["class": style],
                .element("thead", [:], .element("tr", [:], names)),
                .element("tbody", [:], rows)))
    }

    static func cell(_ cell: ReportCell) -> HTML {
        .element(
            "td", cell.style.isEmpty ? [:] : ["class": cell.style], [.text(cell.text)])
    }
}

extension PeriodRow {
    /// Days of the calendar month that begins at ``start``.
    fileprivate var monthLength: Int {
        let first = Int(start / millisecondsPerDay)
        let date = CivilTime.date(days: first)
        let isLast = date.month == 12
        return CivilTime.days(
            year: isLast ? date.year + 1 : date.year, month: isLast ? 1 : date.month + 1, day: 1)
            - first
    }
}
