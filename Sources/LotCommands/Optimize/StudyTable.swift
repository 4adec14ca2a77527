import LotCore
import LotMath
import LotOptimize
import LotReport

/// What a study prints: the best trials, how much of them may be luck, what they are worth on data
/// that were held back.
struct StudyTable {
    private let setup: StudySetup
    private let findings: StudyFindings

    /// Whether parameters are rounded for reading.
    private let isShort: Bool

    init(_ setup: StudySetup, _ findings: StudyFindings, isShort: Bool = false) {
        self.setup = setup
        self.findings = findings
        self.isShort = isShort
    }

    /// Metrics beside the targets.
    private static let columns = ["total_return", "sharpe", "max_drawdown", "trades"]

    /// All of it.
    var text: String {
        var parts = [head, leaders, front]
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
        if tally.points < tally.ran { done += ", \(grouped(tally.points)) distinct points" }
        if let halving = setup.halving {
            done +=
                ", halved by \(halving.reduction) in \(halving.rungs.count) rungs: "
                + "\(grouped(tally.runs)) runs, \(grouped(tally.whole)) of them "
                + "over all of the data"
        }
        if tally.refused > 0 { done += ", \(grouped(tally.refused)) refused by the script" }
        if tally.failed > 0 { done += ", \(grouped(tally.failed)) failed" }
        if tally.feasible < tally.whole {
            done +=
                ", \(grouped(tally.feasible)) of them "
                + (setup.objective.isConstrained
                    ? "meet every constraint" : "have a value of the target")
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
        let header = leaderHeader
        var table = TextTable(header, numbers: Set(0..<header.count))
        for (place, trial) in findings.leaders.enumerated() {
            table.add([trial.status == .feasible ? "\(place + 1)" : "×"] + leaderCells(trial))
        }
        return table.text
    }

    /// A parameter of a trial; where any number of a range is one, with as many digits as people
    /// read.
    private func parameter(_ point: Point, _ index: Int) -> String {
        guard isShort, setup.space.dimensions[index].count == nil else {
            return setup.space.text(point, index)
        }
        return significant(point.coordinates[index])
    }

    /// A number of six digits at most.
    private func significant(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return plainDecimal(value) }
        var scale = 1.0
        while abs(value) * scale < 100_000, scale < 1e15 { scale *= 10 }
        return plainDecimal((value * scale).rounded() / scale)
    }

    /// Most trials of the front that are shown.
    static let frontLimit = 20

    /// With several targets, what can be had of one for how much of another.
    private var front: String {
        guard !findings.front.isEmpty else { return "" }
        let header = Array(leaderHeader.dropFirst())
        var table = TextTable(header, numbers: Set(0..<header.count))
        for trial in findings.front.prefix(StudyTable.frontLimit) { table.add(leaderCells(trial)) }
        let count = findings.front.count
        let some =
            count > StudyTable.frontLimit
            ? ", the first \(StudyTable.frontLimit) of them; study.json has all" : ""
        return "Pareto front: \(counted(count, "trial")) that no other beats in every target"
            + some + "\n" + table.text
    }

    /// Metrics beside the targets.
    private var otherMetrics: [String] {
        let named = setup.objective.targets.map(\.expression.text)
        return StudyTable.columns.filter { !named.contains($0) }
    }

    /// Names of the columns of the best trials; the first is their rank.
    var leaderHeader: [String] {
        ["", "trial"] + setup.space.dimensions.map { escaped($0.name, limit: 24) }
            + setup.objective.targets.map { label($0.expression.text) }
            + otherMetrics.map(MetricText.label)
    }

    /// What stands in them after the rank.
    func leaderCells(_ trial: Trial) -> [String] {
        let named = setup.objective.targets.map(\.expression.text)
        var cells = ["\(trial.number)"]
        cells += setup.space.dimensions.indices.map { parameter(trial.point, $0) }
        cells += zip(named, trial.values).map { value($0, $1) }
        return cells
            + otherMetrics.map { key in
                let place = setup.kept.place(of: key)
                return MetricText.text(
                    key, place.map { trial.metrics[$0] }.flatMap { $0.isFinite ? $0 : nil },
                    currency: currency)
            }
    }

    /// What the choices were worth on data that they were not made on.
    private func held(_ found: OutOfSample) -> String {
        let header = foldHeader
        var table = TextTable(header, numbers: Set(2..<header.count))
        for result in found.folds { table.add(foldCells(result)) }
        var lines = ["Out of sample", table.text]
        if let joined = joined(found) { lines.append(joined + "\n") }
        lines.append(StudyPaths(setup, found).text(currency: currency))
        if found.efficiency.isFinite, found.folds.count > 1 {
            lines.append(
                "walk-forward efficiency "
                    + MetricText.text("total_return", found.efficiency, currency: currency)
                    + " of the return a day in sample\n")
        }
        let empty = found.folds.filter { $0.best == nil }.map { "\($0.fold.number)" }
        if !empty.isEmpty {
            lines.append(
                "no trial of fold \(empty.joined(separator: ", ")) may be chosen, so there is no "
                    + "run out of sample\n")
        }
        if findings.heldCorrelation.isFinite {
            lines.append(
                "rank correlation \(decimals(findings.heldCorrelation, 2)) between the target in "
                    + "and out of sample, over the best \(findings.held.count) trials\n")
        }
        return lines[0] + "\n" + lines.dropFirst().joined()
    }

    /// What all tests together were worth; `nil` where a search chose nothing.
    func joined(_ found: OutOfSample) -> String? {
        let paths = found.paths.count
        guard paths > 0 else { return nil }
        let figures = StudyTable.foldMetrics.map { key in
            "\(MetricText.label(key)) "
                + MetricText.text(key, found.metric(key), currency: currency)
        }.joined(separator: ", ")
        return "all tests\(paths > 1 ? ", median of \(paths) paths" : ""): \(figures)"
    }

    private static let foldMetrics = ["sharpe", "total_return", "max_drawdown"]

    /// Names of the columns of the folds.
    var foldHeader: [String] {
        ["fold", "tested"] + setup.space.dimensions.map { escaped($0.name, limit: 24) }
            + StudyTable.foldMetrics.map(MetricText.label)
            + StudyTable.foldMetrics.map { "OOS " + MetricText.label($0) }
    }

    /// What stands in them.
    func foldCells(_ result: FoldResult) -> [String] {
        let point = setup.space.dimensions.indices.map { index in
            result.best.map { parameter($0.point, index) } ?? "–"
        }
        return ["\(result.fold.number)", StudyTable.text(result.fold.test)] + point
            + StudyTable.foldMetrics.map { metric($0, result.inSample) }
            + StudyTable.foldMetrics.map { metric($0, result.outOfSample) }
    }

    /// Stretches of time; those that touch are one.
    static func text(_ segments: [Segment]) -> String {
        var joined: [(start: Int64, end: Int64)] = []
        for segment in segments {
            if let last = joined.last, last.end == segment.start {
                joined[joined.count - 1].end = segment.end
            } else {
                joined.append((segment.start, segment.end))
            }
        }
        return joined.map { day($0.start) + " – " + day($0.end) }.joined(separator: ", ")
    }

    /// A midnight by its date alone.
    private static func day(_ time: Int64) -> String {
        time % millisecondsPerDay == 0 ? CivilTime.dateText(time) : CivilTime.text(time)
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
