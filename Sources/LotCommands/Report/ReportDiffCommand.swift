import ArgumentParser
import LotCore
import LotData
import LotReport

/// `lot report diff`: what two runs have differently.
struct ReportDiffCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two runs: the inputs and the metrics that differ.",
        discussion: """
            Examples:
              lot report diff sma_cross-BTCUSDT-1h-3fd41c20 sma_cross-BTCUSDT-1h-9ab0117e
              lot report diff 3fd4 9ab0 --format json
            """)

    @Argument(help: ArgumentHelp("A run.", valueName: "a"), completion: Completion.runs)
    var first: String
    @Argument(help: ArgumentHelp("Another.", valueName: "b"), completion: Completion.runs)
    var second: String
    @OptionGroup(title: "General") var global: GlobalOptions

    func execute(_ console: Console) throws(Diagnosis) -> Int32 {
        let workspace = try global.workspace()
        let one = try StoredRun.find(first, in: workspace)
        let other = try StoredRun.find(second, in: workspace)
        let inputs = JSONDifference.between(
            one.manifest["inputs"] ?? .null, other.manifest["inputs"] ?? .null)
        let metrics = try ReportDiffCommand.metrics(one.metrics(), other.metrics())
        switch console.format {
        case .json: try writeJSON(console) { write(one, other, inputs, metrics, into: &$0) }
        case .csv: try console.write(csv(inputs, metrics))
        case .table:
            let currency = try one.inputs().address.quoteCurrency
            try console.write(table(one, other, inputs, metrics, currency))
        }
        return 0
    }

    /// A metric that two runs have differently.
    private struct MetricDifference {
        let key: String
        let old: Double?
        let new: Double?

        var change: Double? {
            guard let old, let new else { return nil }
            return new - old
        }
    }

    private static func metrics(
        _ one: [MetricValue], _ other: [MetricValue]
    ) -> [MetricDifference] {
        var keys = one.map(\.key)
        keys += other.map(\.key).filter { !keys.contains($0) }
        return keys.compactMap { key in
            let old = one.first { $0.key == key }?.value
            let new = other.first { $0.key == key }?.value
            return old == new ? nil : MetricDifference(key: key, old: old, new: new)
        }
    }

    private func table(
        _ one: StoredRun, _ other: StoredRun, _ inputs: [JSONDifference],
        _ metrics: [MetricDifference], _ currency: String
    ) -> String {
        var text = "a  \(escaped(one.path, limit: 512))\nb  \(escaped(other.path, limit: 512))\n"
        if inputs.isEmpty, metrics.isEmpty { return text + "\nno input and no metric differs\n" }
        if !inputs.isEmpty {
            var table = TextTable(["input", "a", "b"])
            for input in inputs {
                table.add([
                    escaped(input.path, limit: 80), escaped(input.old ?? "–", limit: 40),
                    escaped(input.new ?? "–", limit: 40),
                ])
            }
            text += "\n" + table.text
        }
        if !metrics.isEmpty {
            var table = TextTable(["metric", "a", "b", "b - a"], numbers: [1, 2, 3])
            for metric in metrics {
                let values = [metric.old, metric.new, metric.change].map {
                    MetricText.text(metric.key, $0, currency: currency)
                }
                let isTime = metric.key.hasSuffix("_time") && metric.key != "exposure_time"
                table.add([
                    MetricText.label(metric.key), values[0], values[1], isTime ? "" : values[2],
                ])
            }
            text += "\n" + table.text
        }
        return text
    }

    private func csv(_ inputs: [JSONDifference], _ metrics: [MetricDifference]) -> String {
        var csv = CSVWriter(header: ["kind", "key", "a", "b"])
        for input in inputs {
            for cell in ["input", input.path, input.old ?? "", input.new ?? ""] { csv.text(cell) }
            csv.endRow()
        }
        for metric in metrics {
            csv.text("metric")
            csv.text(metric.key)
            csv.number(metric.old)
            csv.number(metric.new)
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    private func write(
        _ one: StoredRun, _ other: StoredRun, _ inputs: [JSONDifference],
        _ metrics: [MetricDifference], into json: inout JSONWriter
    ) {
        json.object { json in
            field(&json, "schema", "lot.diff/1")
            field(&json, "a", one.id)
            field(&json, "b", other.id)
            json.key("inputs")
            json.array { json in
                for input in inputs {
                    json.object(inline: true) { json in
                        field(&json, "path", input.path)
                        field(&json, "a", input.old)
                        field(&json, "b", input.new)
                    }
                }
            }
            json.key("metrics")
            json.array { json in
                for metric in metrics {
                    json.object(inline: true) { json in
                        field(&json, "key", metric.key)
                        json.key("a")
                        json.value(metric.old)
                        json.key("b")
                        json.value(metric.new)
                    }
                }
            }
        }
    }
}
