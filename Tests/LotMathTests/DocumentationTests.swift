import Foundation
import LotMath
import Testing

/// The pages that users read name everything there is.
struct DocumentationTests {
    static func path(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/\(name)")
    }

    static func page(_ name: String) throws -> String {
        try String(contentsOf: path(name), encoding: .utf8)
    }

    /// The table of `docs/metrics.md`, made from the definitions.
    static var metricTable: String {
        let head = [
            "| key | unit | formula | null when | source | search |", "|---|---|---|---|---|---|",
        ]
        let searchable = Set(MetricDefinition.search.map(\.key))
        let rows = MetricDefinition.all.map { metric in
            // A formula in code style keeps its stars; words need none.
            let isFormula = metric.formula.contains { "=/*(".contains($0) }
            let formula = isFormula ? "`\(metric.formula)`" : metric.formula
            let cells = [
                "`\(metric.key)`", metric.unit.rawValue, formula, metric.undefinedWhen,
                metric.source, searchable.contains(metric.key) ? "yes" : "",
            ]
            return "| " + cells.map { $0.isEmpty ? "" : $0 + " " }.joined(separator: "| ") + "|"
        }
        return (head + rows).joined(separator: "\n")
    }

    /// `LOT_UPDATE_SNAPSHOTS=1 swift test --filter DocumentationTests` writes the table anew.
    @Test func `the table of metrics is the definitions' own`() throws {
        var text = try Self.page("metrics.md")
        let start = try #require(text.range(of: "| key | unit |")).lowerBound
        let end = try #require(text.range(of: "\n\n", range: start..<text.endIndex)).lowerBound
        if ProcessInfo.processInfo.environment["LOT_UPDATE_SNAPSHOTS"] == "1" {
            text.replaceSubrange(start..<end, with: Self.metricTable)
            try text.write(to: Self.path("metrics.md"), atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<end] == Self.metricTable)
        }
    }

    @Test func `every paper a metric names is among the page's sources`() throws {
        let text = try Self.page("metrics.md")
        let sources = try #require(text.components(separatedBy: "## Sources").last)
        for metric in MetricDefinition.all where !metric.source.isEmpty {
            for source in metric.source.components(separatedBy: "; ") {
                let author = source.split(separator: " ").first.map(String.init) ?? source
                #expect(sources.contains(author), "\(metric.key): \(source)")
            }
        }
    }

    /// The tables of `docs/indicators.md`, made from the definitions.
    static var indicatorTables: String {
        let head = """
            | call | parameters: default (range) | outputs | warm-up | definition | TA-Lib |
            |---|---|---|---|---|---|

            """
        let tables = IndicatorRegistry.groups.map { group in
            "### \(group.title)\n\n" + head
                + group.indicators.map(indicatorRow).joined(separator: "\n")
        }
        return tables.joined(separator: "\n\n")
    }

    private static func indicatorRow(_ indicator: IndicatorDefinition) -> String {
        let names = indicator.aliases.map { "`\($0)`" }.joined(separator: ", ")
        let call = "`\(indicator.call)`" + (names.isEmpty ? "" : ", also \(names)")
        let parameters = indicator.parameters.map { "`\($0.name)` \($0.rangeText)" }
        let isOne = indicator.outputs.count == 1
        let outputs = isOne ? "one" : indicator.outputs.joined(separator: ", ")
        var definition = "**\(indicator.summary)** \(indicator.formula)"
        if !indicator.inputNotes.isEmpty { definition += "; \(indicator.inputNotes)" }
        if !indicator.source.isEmpty { definition += " (\(indicator.source))" }
        let cells: [String] = [
            call, parameters.joined(separator: "<br>"), outputs, indicator.lookback.text,
            definition, indicator.talib ?? "–",
        ]
        // A bar inside a cell would end it, even in code.
        .map { $0.replacingOccurrences(of: "|", with: "\\|") }
        return "| " + cells.map { $0.isEmpty ? "" : $0 + " " }.joined(separator: "| ") + "|"
    }

    /// `LOT_UPDATE_SNAPSHOTS=1 swift test --filter DocumentationTests` writes the tables anew.
    @Test func `the tables of indicators are the definitions' own`() throws {
        var text = try Self.page("indicators.md")
        let first = "### \(IndicatorRegistry.groups[0].title)\n"
        let start = try #require(text.range(of: first)).lowerBound
        let end = try #require(text.range(of: "\n\nWarm-up is", range: start..<text.endIndex))
            .lowerBound
        if ProcessInfo.processInfo.environment["LOT_UPDATE_SNAPSHOTS"] == "1" {
            text.replaceSubrange(start..<end, with: Self.indicatorTables)
            try text.write(to: Self.path("indicators.md"), atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<end] == Self.indicatorTables)
        }
    }

    @Test func `every source an indicator names is among the page's sources`() throws {
        let text = try Self.page("indicators.md")
        let sources = try #require(text.components(separatedBy: "## Sources").last)
        for indicator in IndicatorRegistry.all where !indicator.source.isEmpty {
            for source in indicator.source.components(separatedBy: "; ") {
                let author = source.split(separator: " ").first.map(String.init) ?? source
                #expect(sources.contains(author), "\(indicator.name): \(source)")
            }
        }
    }
}
