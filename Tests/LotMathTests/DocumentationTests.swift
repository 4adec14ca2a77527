import Foundation
import LotMath
import Testing

/// The pages that users read name everything there is.
struct DocumentationTests {
    static func page(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: "docs/\(name)"), encoding: .utf8)
    }

    @Test func `every metric has its row, in the order of the report`() throws {
        let rows = try Self.page("metrics.md").split(separator: "\n").filter {
            $0.hasPrefix("| `")
        }
        #expect(rows.count == MetricDefinition.all.count)
        for (row, metric) in zip(rows, MetricDefinition.all) {
            #expect(row.hasPrefix("| `\(metric.key)` | \(metric.unit.rawValue) |"))
            let cells = row.split(separator: "|", omittingEmptySubsequences: false)
            let isAlwaysDefined = cells[4].allSatisfy { $0 == " " }
            #expect(isAlwaysDefined == metric.undefinedWhen.isEmpty, "\(metric.key)")
        }
    }

    @Test func `every indicator has its row`() throws {
        let text = try Self.page("indicators.md")
        for indicator in IndicatorRegistry.all where indicator.name != "stddev" {
            let input = indicator.input == .bars ? "bars" : "x"
            let names = [input] + indicator.parameters.map(\.name)
            let call = "`\(indicator.name)(\(names.joined(separator: ", ")))`"
            let defaults = indicator.parameters.map { "\(Int($0.defaultValue))" }
            let row = text.split(separator: "\n").first { $0.hasPrefix("| \(call)") }
            #expect(row?.contains("| \(defaults.joined(separator: ", ")) |") == true, "\(call)")
            if indicator.outputs.count > 1 {
                #expect(
                    row?.contains("| \(indicator.outputs.joined(separator: ", ")) |") == true)
            }
        }
    }
}
