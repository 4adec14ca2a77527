/// What the page of a study shows, as plain words and numbers: this library knows no studies.
public struct StudyPage: Sendable {
    /// A table of words.
    public struct Table: Sendable {
        let title: String
        let note: String
        let head: [String]
        let rows: [[String]]
        let isProse: Bool
        /// A page beside this one: what it is, and where, from here.
        public var link: (text: String, address: String)?

        /// Gathers a table.
        ///
        /// - Parameters:
        ///   - title: Its heading.
        ///   - note: A sentence below it.
        ///   - head: Names of the columns.
        ///   - rows: Cells; columns of numbers stand at the right.
        ///   - isProse: Whether the last column has sentences, which are broken into lines.
        public init(
            _ title: String, note: String = "", head: [String], rows: [[String]],
            isProse: Bool = false
        ) {
            self.isProse = isProse
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
    /// What stands over them.
    public var heading = "How much of the best is luck"
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
                    .element("h2", [:], .text(heading)),
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
        let words = table.head.indices.map { column in
            table.rows.contains { $0.indices.contains(column) && !isNumber($0[column]) }
        }
        func style(_ column: Int) -> String { words[column] ? "word" : "" }
        let head = zip(table.head.indices, table.head).map { column, name in
            HTML.element("th", ["scope": "col", "class": style(column)], .text(name))
        }
        let rows = table.rows.map { row in
            HTML.element(
                "tr", [:],
                zip(table.head.indices, row).map { column, text in
                    let isDated = StudyPage.isDated(text)
                    return ReportSections.cell(
                        ReportCell(
                            text: isDated ? StudyPage.kept(text) : text,
                            style: style(column) + (isDated ? " dates" : "")))
                })
        }
        return .element(
            "section", [:],
            .element("h2", [:], .text(table.title)),
            .element(
                "div", ["class": "scroll", "tabindex": "0"],
                .element(
                    "table", ["class": table.isProse ? "list prose" : "list"],
                    .element("thead", [:], .element("tr", [:], head)),
                    .element("tbody", [:], rows))),
            table.link.map { link in
                HTML.element(
                    "p", [:], .element("a", ["href": link.address], .text(link.text)))
            } ?? .all([]),
            table.note.isEmpty
                ? .all([]) : .element("p", ["class": "small"], .text(table.note)))
    }

    /// Whether a cell is a number, with or without a unit: such columns stand at the right.
    private static func isNumber(_ text: String) -> Bool {
        text.allSatisfy { "0123456789.,+-–−… %×de".contains($0) } && !isDated(text)
    }

    /// The text with dashes that no line ends at.
    private static func kept(_ text: String) -> String {
        let words = text.split(separator: " ")
        return words.indices.reduce(into: "") { line, index in
            let isBound = words[index] == "–" || (index > 0 && words[index - 1] == "–")
            line += (index == 0 ? "" : isBound ? "\u{a0}" : " ") + words[index]
        }
    }

    /// Whether a cell has stretches of time, `2024-01-01 – 2024-02-01`: several stand below one
    /// another.
    private static func isDated(_ text: String) -> Bool {
        text.split(separator: " ").contains("–") && text.prefix(10).count { $0 == "-" } == 2
    }
}

/// Nine levels of viridis (van der Walt and Smith, 2015), for light and dark.
private let studyStyle: StaticString = """

    :root{--k16:#440154;--k17:#472d7b;--k18:#3b528b;--k19:#2c728e;--k20:#21918c;--k21:#28ae80;
    --k22:#5ec962;--k23:#addc30;--k24:#fde725}
    .k16{--c:var(--k16)}.k17{--c:var(--k17)}.k18{--c:var(--k18)}.k19{--c:var(--k19)}
    .k20{--c:var(--k20)}.k21{--c:var(--k21)}.k22{--c:var(--k22)}.k23{--c:var(--k23)}
    .k24{--c:var(--k24)}
    .list .dates{white-space:normal;min-width:16em}
    a{color:var(--k3)}.scroll+p{margin:12px 0 0}
    .prose td:last-child{white-space:normal;min-width:14em;overflow-wrap:anywhere}
    .halves{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin:0 0 16px}
    .halves figure{margin:0}.halves .chart{font-size:12px}
    @media(max-width:800px){.halves{grid-template-columns:minmax(0,1fr)}
    figure{overflow-x:auto}main>figure .chart{min-width:720px}
    .prose .word{white-space:normal}.prose td:last-child{min-width:11em}}
    .chart polygon:is(.k16,.k17,.k18,.k19,.k20,.k21,.k22,.k23,.k24){fill-opacity:1}
    @media(prefers-color-scheme:dark){:root{--k16:#6a2482;--k17:#5a4a9a}}

    """
