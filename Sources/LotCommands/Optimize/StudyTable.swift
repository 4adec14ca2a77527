import LotCore
import LotMath
import LotOptimize
import LotReport

/// What a study prints: the best trials, how much of them may be luck, what they are worth on data
/// that were held back.
struct StudyTable {
    private let setup: StudySetup
    private let findings: StudyFindings

    init(_ setup: StudySetup, _ findings: StudyFindings) {
        self.setup = setup
        self.findings = findings
    }

    /// Metrics beside the targets.
    private static let columns = ["total_return", "sharpe", "max_drawdown", "trades"]

    /// All of it.
    var text: String {
        var parts = [head, leaders]
        if let luck = findings.luck { parts.append(LuckText(luck).text) }
        if let outOfSample = findings.outOfSample { parts.append(held(outOfSample)) }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The best trials as comma-separated values.
    var csv: String {
        let names = setup.space.dimensions.map(\.name)
        var csv = CSVWriter(
            header: ["rank", "trial"] + names
                + setup.objective.targets.map { "target: " + $0.expression.text }
                + setup.kept.keys)
        for (place, trial) in findings.leaders.enumerated() {
            csv.number(Int64(place + 1))
            csv.number(Int64(trial.number))
            for index in names.indices { csv.text(setup.space.text(trial.point, index)) }
            for value in trial.values + trial.metrics { csv.number(value) }
            csv.endRow()
        }
        return String(decoding: csv.bytes, as: UTF8.self)
    }

    private var currency: String { setup.request.address.quoteCurrency }

    /// What was done, in two lines.
    private var head: String {
        let tally = findings.tally
        var done = "\(counted(tally.ran, "trial")) by \(setup.sampler.rawValue)"
        if tally.refused > 0 { done += ", \(grouped(tally.refused)) refused by the script" }
        if tally.failed > 0 { done += ", \(grouped(tally.failed)) failed" }
        if tally.feasible < tally.ran {
            done += ", \(grouped(tally.feasible)) of them meet every constraint"
        }
        let goals = setup.objective.targets.map {
            "\($0.isMaximised ? "max" : "min") \(escaped($0.expression.text, limit: 80))"
        }.joined(separator: ", ")
        if let failure = tally.firstFailure { done += "\nfirst failure: \(failure)" }
        return "\(escaped(setup.inputs.strategy.name)) on \(setup.request.title): \(goals)\n"
            + done + "\n"
    }

    /// The best trials.
    private var leaders: String {
        let objective = setup.objective
        let named = objective.targets.map(\.expression.text)
        let metrics = StudyTable.columns.filter { !named.contains($0) }
        let parameters = setup.space.dimensions.map(\.name)
        let header =
            ["", "trial"] + parameters.map { escaped($0, limit: 24) }
            + named.map { label($0) } + metrics.map(MetricText.label)
        var table = TextTable(header, numbers: Set(0..<header.count))
        for (place, trial) in findings.leaders.enumerated() {
            var cells = ["\(place + 1)", "\(trial.number)"]
            cells += parameters.indices.map { setup.space.text(trial.point, $0) }
            cells += zip(named, trial.values).map { value($0, $1) }
            cells += metrics.map { key in
                let place = setup.kept.place(of: key)
                return MetricText.text(
                    key, place.map { trial.metrics[$0] }.flatMap { $0.isFinite ? $0 : nil },
                    currency: currency)
            }
            if trial.status != .feasible { cells[0] = "×" }
            table.add(cells)
        }
        return table.text
    }

    /// What the choices were worth on data that they were not made on.
    private func held(_ found: OutOfSample) -> String {
        let names = setup.space.dimensions.map(\.name)
        let keys = ["sharpe", "total_return", "max_drawdown"]
        var table = TextTable(
            ["fold", "tested from", "to"] + names.map { escaped($0, limit: 24) }
                + keys.map(MetricText.label) + keys.map { "OOS " + MetricText.label($0) },
            numbers: Set(3..<3 + names.count + 2 * keys.count))
        for result in found.folds {
            let (first, last) = (result.fold.test.first, result.fold.test.last)
            let cells = [
                "\(result.fold.number)",
                first.map { CivilTime.text($0.start) } ?? "",
                last.map { CivilTime.text($0.end) } ?? "",
            ]
            let point = names.indices.map { index in
                result.best.map { setup.space.text($0.point, index) } ?? "–"
            }
            table.add(
                cells + point + keys.map { metric($0, result.inSample) }
                    + keys.map { metric($0, result.outOfSample) })
        }
        var lines = ["Out of sample", table.text]
        let joined = keys.map { key in
            "\(MetricText.label(key)) "
                + MetricText.text(key, found.metric(key), currency: currency)
        }.joined(separator: ", ")
        let paths = found.paths.count
        lines.append("all tests\(paths > 1 ? ", median of \(paths) paths" : ""): \(joined)\n")
        lines.append(StudyPaths(setup, found).text(currency: currency))
        if found.efficiency.isFinite, found.folds.count > 1 {
            lines.append(
                "walk-forward efficiency "
                    + MetricText.text("total_return", found.efficiency, currency: currency)
                    + " of the annual return in sample\n")
        }
        return lines[0] + "\n" + lines.dropFirst().joined()
    }

    private func metric(_ key: String, _ values: [Double]) -> String {
        let value = MetricDefinition.searchIndex(of: key).map { values[$0] }
        return MetricText.text(
            key, value.flatMap { $0.isFinite ? $0 : nil }, currency: currency)
    }

    private func label(_ expression: String) -> String {
        MetricDefinition.named(expression) == nil
            ? escaped(expression, limit: 40) : MetricText.label(expression)
    }

    private func value(_ expression: String, _ value: Double) -> String {
        guard MetricDefinition.named(expression) != nil else { return shortText(value) }
        return MetricText.text(expression, value.isFinite ? value : nil, currency: currency)
    }
}
