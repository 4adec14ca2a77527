/// What the page of a study shows, as plain words and numbers: this library knows no studies.
public struct StudyPage: Sendable {
    /// A table of words.
    public struct Table: Sendable {
        let title: String
        let note: String
        let head: [String]
        let rows: [[String]]

        /// Gathers a table.
        public init(_ title: String, note: String = "", head: [String], rows: [[String]]) {
            self.title = title
            self.note = note
            self.head = head
            self.rows = rows
        }
    }

    /// Heading.
    public var title: String
    /// What was searched and on which data.
    public var lead: String
    /// The sentences on luck, put on top.
    public var verdict: [String]
    /// Tables, top to bottom.
    public var tables: [Table]
    /// What identifies the study.
    public var footer: String

    /// Gathers a page.
    public init(
        title: String, lead: String, verdict: [String], tables: [Table], footer: String
    ) {
        self.title = title
        self.lead = lead
        self.verdict = verdict
        self.tables = tables
        self.footer = footer
    }

    /// Renders the page with its charts: no script, no network, light and dark.
    ///
    /// - Complexity: O(rows + chart size).
    public func html(_ charts: ChartSet, note: String) -> String {
        let head = HTML.element(
            "head", [:],
            .void("meta", ["charset": "utf-8"]),
            .void(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
                ]),
            .void("meta", ["name": "viewport", "content": "width=device-width"]),
            .void("meta", ["name": "color-scheme", "content": "light dark"]),
            .void("meta", ["name": "referrer", "content": "no-referrer"]),
            .element("title", [:], .text(title)), .style(reportStyle), .style(studyStyle))
        var sections: [HTML] = []
        if !verdict.isEmpty {
            let items = verdict.map { HTML.element("li", [:], .text($0)) }
            sections.append(
                .element(
                    "section", ["class": "warnings"],
                    .element("h2", [:], .text("How much of the best is luck")),
                    .element("ul", [:], items)))
        }
        sections += tables.prefix(1).map(StudyPage.section)
        sections.append(ReportSections.charts(charts))
        if !note.isEmpty {
            sections.append(.element("section", [:], .element("p", [:], .text(note))))
        }
        sections += tables.dropFirst().map(StudyPage.section)
        let header = HTML.element(
            "header", [:],
            .element("p", ["class": "kicker"], .text("Study")),
            .element("h1", [:], .text(title)), .element("p", ["class": "lead"], .text(lead)))
        let body = HTML.element(
            "body", [:], header, .element("main", [:], sections),
            .element("footer", [:], .text(footer)))
        return HTML.page(.element("html", ["lang": "en"], head, body))
    }

    private static func section(_ table: Table) -> HTML {
        let rows = table.rows.map { row in
            HTML.element("tr", [:], row.map { ReportSections.cell(ReportCell(text: $0)) })
        }
        return .element(
            "section", [:],
            .element("h2", [:], .text(table.title)),
            ReportSections.table("list words wrap", table.head, rows),
            table.note.isEmpty
                ? .all([]) : .element("p", ["class": "small"], .text(table.note)))
    }
}

/// Nine levels of viridis (van der Walt and Smith, 2015), for light and dark.
private let studyStyle: StaticString = """

    :root{--k16:#440154;--k17:#472d7b;--k18:#3b528b;--k19:#2c728e;--k20:#21918c;--k21:#28ae80;
    --k22:#5ec962;--k23:#addc30;--k24:#fde725}
    .k16{--c:var(--k16)}.k17{--c:var(--k17)}.k18{--c:var(--k18)}.k19{--c:var(--k19)}
    .k20{--c:var(--k20)}.k21{--c:var(--k21)}.k22{--c:var(--k22)}.k23{--c:var(--k23)}
    .k24{--c:var(--k24)}
    .wrap td:last-child{white-space:normal;min-width:12em;overflow-wrap:anywhere}
    .chart polygon:is(.k16,.k17,.k18,.k19,.k20,.k21,.k22,.k23,.k24){fill-opacity:1}
    @media(prefers-color-scheme:dark){:root{--k16:#6a2482;--k17:#5a4a9a}}

    """
