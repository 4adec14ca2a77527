import LotCore
import LotMath
import LotOptimize
import LotReport

extension StudyFiles {
    /// Writes `study.html`: the pictures, the tables and the verdict of a study.
    ///
    /// - Parameters:
    ///   - findings: What it found.
    ///   - log: Its trials.
    ///   - link: Where the page of its run out of sample is, from here.
    /// - Throws: 73 or 74 if it cannot be written; what the log throws.
    func writePage(
        _ findings: StudyFindings, _ log: some TrialLog, link: String?
    ) throws(Diagnosis) {
        let targets = setup.objective.targets
        var pictures = StudyPictures(
            setup.space.dimensions.map(\.axis),
            targets: targets.map { .init($0.expression.text, isMaximised: $0.isMaximised) })
        var misses = ConstraintMisses(setup)
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in
            // Rounds over less of the data cannot stand beside the last one.
            guard trial.rung == setup.lastRung else { return }
            misses.add(trial)
            pictures.add(
                number: trial.number, place: setup.space.unit(trial.point),
                values: trial.values, isFeasible: trial.status == .feasible)
        }
        pictures.held = held(findings)
        pictures.logits = findings.luck?.overfitting?.splits.map(\.logit) ?? []
        pictures.fans = fans(findings)
        let page = StudyPageTables(setup, findings, link: link).page(misses, name: name)
        let html = page.html(pictures.draw(Gnuplot.find()), note: pictures.note)
        try NewFile.replace(path + "/study.html", html)
    }

    /// The best trials on held data, or else the best of each fold.
    private func held(_ findings: StudyFindings) -> StudyPictures.Held? {
        let target = setup.objective.targets[0].expression
        let trials = findings.held.map { ($0.inSample, $0.outOfSample) }
        let folds = (findings.outOfSample?.folds ?? []).map { fold in
            (target.value(fold.inSample), target.value(fold.outOfSample))
        }
        let isSplit = !trials.isEmpty
        let pairs = isSplit ? trials : folds
        guard !pairs.isEmpty else { return nil }
        let correlation = rankCorrelation(pairs)
        return StudyPictures.Held(
            pairs, noun: isSplit ? "trial" : "fold", hasBest: isSplit,
            correlation: correlation.isFinite ? correlation : nil)
    }

    private func fans(_ findings: StudyFindings) -> [StudyPictures.Fan] {
        guard let luck = findings.luck else { return [] }
        var fans: [StudyPictures.Fan] = []
        if let days = luck.bootstrap {
            fans.append(
                fan(
                    "days",
                    "Account of the best over its start, by day: "
                        + "\(grouped(days.resamples)) resamples of its days in blocks of "
                        + shortText(days.blockLength), days.fan))
        }
        if let trades = luck.shuffled {
            fans.append(
                fan(
                    "trades",
                    "Closed account of the best over its start, by trade: "
                        + "\(grouped(trades.resamples)) other orders of its trades", trades.fan))
        }
        return fans
    }

    private func fan(
        _ name: String, _ title: String, _ points: [FanPoint]
    ) -> StudyPictures.Fan {
        StudyPictures.Fan(
            name, title: title,
            points: points.map {
                ($0.step, $0.growth.low, $0.growth.median, $0.growth.high, $0.actual)
            })
    }
}

/// How many trials miss each constraint.
struct ConstraintMisses {
    /// Trials that miss each of the objective's constraints.
    private(set) var constraints: [Int]
    /// Trials with too few trades.
    private(set) var trades = 0
    /// Trials with a target that is undefined.
    private(set) var undefined = 0
    private let setup: StudySetup

    init(_ setup: StudySetup) {
        self.setup = setup
        constraints = [Int](repeating: 0, count: setup.objective.constraints.count)
    }

    /// Counts a trial that ran.
    mutating func add(_ trial: Trial) {
        guard trial.status == .infeasible else { return }
        var metrics = [Double](repeating: .nan, count: MetricDefinition.search.count)
        for (index, value) in zip(setup.kept.indices, trial.metrics) { metrics[index] = value }
        for (index, constraint) in setup.objective.constraints.enumerated()
        where constraint.violation(metrics) > 0 {
            constraints[index] += 1
        }
        if let index = MetricDefinition.searchIndex(of: "trades"),
            metrics[index] < Double(setup.objective.minTrades)
        {
            trades += 1
        }
        if !trial.values.allSatisfy(\.isFinite) { undefined += 1 }
    }
}

extension Dimension {
    /// The parameter as an axis of a picture: at most 40 values are cells of their own.
    var axis: StudyAxis {
        StudyAxis(
            name, cells: count.map { $0 <= 40 ? $0 : 20 } ?? 20, isOrdered: !isCategorical,
            ticks: ticks)
    }

    private var ticks: [(label: String, place: Double)] {
        guard let count else { return roundTicks }
        var shown = stride(from: 0, to: count, by: max(1, (count + 7) / 8)).map(value)
        if count > 8, !isCategorical {
            // Round numbers, if three of the values or more are.
            let round = StudyAxis.roundNumbers(value(0), value(count - 1), isLogarithmic: isLog)
                .compactMap { among($0, count) }
            if round.count > 2 { shown = round }
        }
        return shown.map { (text($0), unit($0)) }
    }

    /// The value that a number is, but for rounding; `nil` if it is none.
    private func among(_ number: Double, _ count: Int) -> Double? {
        let step = value(1) - value(0)
        let index = ((number - value(0)) / step).rounded()
        guard index >= 0, index < Double(count) else { return nil }
        let found = value(Int(index))
        return abs(found - number) <= 1e-9 * step ? found : nil
    }

    private var isLog: Bool { if case .float(_, _, true) = kind { true } else { false } }

    private var roundTicks: [(label: String, place: Double)] {
        guard case .float(let range, _, _) = kind else { return [] }
        return StudyAxis.roundNumbers(
            range.lowerBound, range.upperBound, isLogarithmic: isLog
        ).map { (shortText($0), unit($0)) }
    }
}
