public import LotCore

/// The report of a run as one HTML file: no script, no network, light and dark, fit for print.
///
/// A content security policy forbids everything but its own style sheet; every text that came
/// from outside is escaped by type (``HTML``).
public enum HTMLReport {
    /// How many trades are listed; `trades.csv` has the rest.
    public static let tradeLimit = 1_000
    /// How many of the last log lines are shown.
    public static let logLimit = 200

    /// Renders the page.
    ///
    /// - Parameters:
    ///   - result: The run.
    ///   - charts: Its charts, from ``ChartSet/draw(_:gnuplot:)``.
    ///   - manifestID: The run's identity, 64 hexadecimal digits; empty if unknown.
    /// - Returns: The HTML.
    /// - Complexity: O(trades shown + chart size).
    public static func render(_ result: RunResult, charts: ChartSet, manifestID: String = "")
        -> String
    {
        let title = result.strategy.name + " – " + result.data.seriesTitle
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
            .element("title", [:], .text(title)),
            .style(reportStyle))
        let sections = [
            ReportSections.warnings(result), ReportSections.tiles(result),
            ReportSections.charts(charts), ReportSections.symbols(result),
            ReportSections.stretches(result),
            ReportSections.months(result),
            ReportSections.metrics(result), ReportSections.drawdowns(result),
            ReportSections.periods(result), ReportSections.tags(result),
            ReportSections.trades(result), ReportSections.trust(result),
            ReportSections.settings(result), ReportSections.log(result),
        ]
        let body = HTML.element(
            "body", [:],
            ReportSections.header(result),
            .element("main", [:], sections),
            ReportSections.footer(result, manifestID: manifestID))
        return HTML.page(.element("html", ["lang": "en"], head, body))
    }
}
