import LotCore
import LotTestSupport
import Testing

@testable import LotReport

@Suite struct HTMLReportTests {
    static let vectors = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
        "</title><script>alert(1)</script>", "</style><script>alert(1)</script>",
        "</pre></details><iframe src=javascript:alert(1)>", "javascript:alert(1)",
        "<!--<script>alert(1)//-->", "]]><script>alert(1)</script>", "&lt;script&gt;",
        "&#60;b&#62;",
        "<a href=\"javascript:alert(1)\">x</a>", "<math><mtext></table><mglyph><style><img src>",
        "\u{0}<b>", "<\u{0}script>", "{{constructor.constructor('alert(1)')()}}", "${alert(1)}",
        "<base href=//evil.example>", "<meta http-equiv=refresh content=0;url=//evil.example>",
        "\u{2028}<b>\u{202E}", "+ADw-script+AD4-", "` onmouseover=alert(1)", "<plaintext>",
    ]

    /// One way to put a hostile text into a result, by name.
    struct Field: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var set: @Sendable (inout RunResult, String) -> Void
    }

    static let fields: [Field] = [
        Field(testDescription: "strategy name") { $0.strategy.name = $1 },
        Field(testDescription: "file") { $0.strategy.file = $1 },
        Field(testDescription: "form") { $0.strategy.form = $1 },
        Field(testDescription: "hash") { $0.strategy.hashes = [$1: $1] },
        Field(testDescription: "parameter") {
            $0.strategy.parameters = [NamedParameter($1, .choice($1))]
        },
        Field(testDescription: "digest") { $0.data.digest = $1 },
        Field(testDescription: "engine version") { $0.engineVersion = $1 },
        Field(testDescription: "rejection") { $0.counters.rejections = [$1: 2] },
        Field(testDescription: "metric") { $0.metrics = [MetricValue($1, 1)] },
        Field(testDescription: "entry tag") { $0.trades[0].entryTag = $1 },
        Field(testDescription: "exit tag") { $0.trades[0].exitTag = $1 },
        Field(testDescription: "plot") { $0.plots[0].name = $1 },
        Field(testDescription: "log") { $0.log = [LogLine(time: 0, text: $1)] },
        Field(testDescription: "warning") { $0.warnings = [$1] },
    ]

    private static let charts = ChartSet.draw(SyntheticRun.result(bars: 200), gnuplot: nil)

    /// The names of every element in order: what a browser would build.
    private func elements(_ page: String) -> [String] {
        var scanner = XMLScanner(Array(page.utf8))
        var names: [String] = []
        while let event = scanner.next() {
            if case .start(let name, let attributes, _) = event {
                names.append(([name] + attributes.keys.sorted()).joined(separator: " "))
            }
        }
        return names
    }

    @Test(arguments: fields)
    func `no text from outside becomes markup`(field: Field) {
        var harmless = SyntheticRun.result(bars: 200)
        field.set(&harmless, "harmless")
        let expected = elements(HTMLReport.render(harmless, charts: Self.charts, manifestID: "0f"))
        for vector in Self.vectors {
            var hostile = SyntheticRun.result(bars: 200)
            field.set(&hostile, vector)
            let page = HTMLReport.render(hostile, charts: Self.charts, manifestID: "0f")
            #expect(elements(page) == expected, "\(vector)")
            #expect(!page.contains("\u{0}"))
        }
    }

    @Test(arguments: vectors)
    func `legends and chart titles escape too`(vector: String) {
        let chart = DrawnChart(
            title: vector, legend: [(.equity, vector)], width: 10, height: 10, markup: "")
        let plain = DrawnChart(
            title: "x", legend: [(.equity, "x")], width: 10, height: 10, markup: "")
        let result = SyntheticRun.result(bars: 50)
        let pages = [chart, plain].map {
            HTMLReport.render(result, charts: ChartSet(charts: [$0], note: nil))
        }
        #expect(elements(pages[0]) == elements(pages[1]))
    }

    @Test func `the page needs no network and no script`() {
        let page = HTMLReport.render(
            SyntheticRun.result(bars: 200),
            charts: ChartSet.draw(SyntheticRun.result(bars: 200), gnuplot: Gnuplot.find()),
            manifestID: "0f")
        #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
        #expect(page.contains("default-src &#39;none&#39;; img-src data:"))
        for forbidden in ["<script", "http://", "https://", "url(", "@import", "<link", "href"] {
            #expect(!page.contains(forbidden), "\(forbidden)")
        }
    }

    @Test func `at most a thousand trades are listed, and the page says so`() {
        let result = SyntheticRun.result(bars: 9_000, tradeEvery: 6)
        #expect(result.trades.count > 1_000)
        let page = HTMLReport.render(result, charts: ChartSet(charts: [], note: nil))
        #expect(page.contains("The first 1,000 of \(grouped(result.trades.count)) trades"))
        #expect(page.components("<tr>").count < 1_200)
    }

    @Test func `a run without trades, bars or metrics still has a page`() {
        var result = SyntheticRun.result(bars: 2, tradeEvery: 0)
        result.equity = []
        result.metrics = []
        result.log = []
        result.warnings = []
        result.plots = []
        let charts = ChartSet.draw(result, gnuplot: nil)
        let page = HTMLReport.render(result, charts: charts)
        #expect(page.contains("closed no trade"))
        #expect(charts.note == nil)
    }
}

extension String {
    /// The parts between occurrences of `separator`.
    fileprivate func components(_ separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
