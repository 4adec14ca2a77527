import LotCore
import LotMath
import LotOptimize
import LotReport

/// The words and tables of a study's page.
struct StudyPageTables {
    private let setup: StudySetup
    private let findings: StudyFindings
    /// Where the page of the run out of sample is.
    private let link: String?

    init(_ setup: StudySetup, _ findings: StudyFindings, link: String?) {
        self.setup = setup
        self.findings = findings
        self.link = link
    }

    /// The page without its pictures.
    func page(_ misses: ConstraintMisses, name: String) -> StudyPage {
        let tally = findings.tally
        let done =
            "\(counted(tally.ran, "trial")) by \(setup.sampler.rawValue), "
            + (tally.points < tally.ran ? "\(grouped(tally.points)) distinct points, " : "")
            + "\(grouped(tally.feasible)) " + feasible
        var tables = [leaders]
        if !findings.front.isEmpty { tables.append(front) }
        if let outOfSample = findings.outOfSample {
            tables.append(folds(outOfSample))
            if let spread = spread(outOfSample) { tables.append(spread) }
        }
        if let luck = findings.luck { tables.append(self.luck(luck)) }
        tables += [trials(misses), space, repetition(name)]
        var page = StudyPage(
            title: setup.inputs.strategy.name, lead: setup.request.title + "  ·  " + done,
            verdict: findings.luck?.verdict ?? [], tables: tables, footer: "study " + setup.id)
        if findings.best == nil {
            page.heading = "There is no best trial"
            page.verdict = [
                setup.objective.isConstrained
                    ? "No trial meets every constraint: nothing can be chosen, and nothing is said "
                        + "of luck. The table of trials says what they miss."
                    : "The target has no value in any trial: nothing can be chosen."
            ]
        }
        return page
    }

    /// What trials that may be the best do.
    private var feasible: String {
        setup.objective.isConstrained ? "meet every constraint" : "have a value of the target"
    }

    private var leaders: StudyPage.Table {
        let table = StudyTable(setup, findings, isShort: true)
        let isConstrained = setup.objective.isConstrained
        let rows = findings.leaders.enumerated().map { place, trial in
            ["\(place + 1)"] + table.leaderCells(trial)
                + (isConstrained ? [trial.status == .feasible ? "yes" : "no"] : [])
        }
        return StudyPage.Table(
            "Best trials", note: "trials.csv has all of them, with every metric that is kept.",
            head: table.leaderHeader + (isConstrained ? ["constraints met"] : []), rows: rows)
    }

    private var front: StudyPage.Table {
        let table = StudyTable(setup, findings, isShort: true)
        let some = findings.front.count > 200 ? " The first 200; study.json has all." : ""
        return StudyPage.Table(
            "Pareto front",
            note: "What no other trial beats in one target without losing in another." + some,
            head: Array(table.leaderHeader.dropFirst()),
            rows: findings.front.prefix(200).map(table.leaderCells))
    }

    private func folds(_ found: OutOfSample) -> StudyPage.Table {
        let table = StudyTable(setup, findings, isShort: true)
        var note =
            "Each row is a search over what is not tested, and its best on what is. "
            + (table.joined(found).map { "A" + $0.dropFirst() + "." }
                ?? "A search found nothing that may be chosen, so there is no run out of sample.")
        if found.efficiency.isFinite, found.folds.count > 1 {
            note +=
                " Walk-forward efficiency, return a day out of sample over that in sample: "
                + decimals(found.efficiency * 100, 1) + " %."
        }
        if findings.heldCorrelation.isFinite {
            note +=
                " Rank correlation of the target in and out of sample, over the best "
                + "\(findings.held.count) trials: \(decimals(findings.heldCorrelation, 2))."
        }
        var page = StudyPage.Table(
            "Out of sample", note: note, head: table.foldHeader,
            rows: found.folds.map(table.foldCells))
        page.link = link.map { ("The report of the run out of sample", $0) }
        return page
    }

    /// How the figures vary over paths; `nil` for one.
    private func spread(_ found: OutOfSample) -> StudyPage.Table? {
        let paths = StudyPaths(setup, found)
        let rows = paths.rows(currency: setup.request.address.quoteCurrency)
        guard !rows.isEmpty else { return nil }
        return StudyPage.Table(
            "Paths out of sample",
            note: "\(found.paths.count) ways through the tests, each stretch once: "
                + "docs/optimize.md. Below 0 is the share of paths that lose; – where 0 is no "
                + "border between good and bad.",
            head: ["Figure", "Least", "Median", "Greatest", "Below 0"], rows: rows)
    }

    private func luck(_ luck: LuckReport) -> StudyPage.Table {
        StudyPage.Table(
            "Statistics of luck", note: "docs/overfitting.md has formulas and papers.",
            head: ["Statistic", "Value", "Meaning"], rows: LuckText(luck).sentences,
            isProse: true)
    }

    /// What became of the trials, and what they missed.
    private func trials(_ misses: ConstraintMisses) -> StudyPage.Table {
        let tally = findings.tally
        var rows = [
            ["ran", grouped(tally.ran)], [feasible, grouped(tally.feasible)],
        ]
        if tally.points < tally.ran {
            rows.insert(["ran at distinct points", grouped(tally.points)], at: 1)
        }
        for (constraint, count) in zip(setup.objective.constraints, misses.constraints) {
            rows.append(["miss " + constraint.text, grouped(count)])
        }
        if setup.objective.minTrades > 0 {
            rows.append([
                "fewer than \(counted(setup.objective.minTrades, "trade"))", grouped(misses.trades),
            ])
        }
        if misses.undefined > 0 {
            rows.append(["a target is undefined", grouped(misses.undefined)])
        }
        rows.append(["refused by the script: no trial", grouped(tally.refused)])
        rows.append(["failed", grouped(tally.failed)])
        if setup.plan.folds.count > 0 {
            rows.append(["ran in all searches", grouped(findings.trials)])
        }
        return StudyPage.Table(
            "Trials", note: tally.firstFailure.map { "First failure: " + $0 } ?? "",
            head: ["Trials that", "Number"], rows: rows)
    }

    private var space: StudyPage.Table {
        StudyPage.Table(
            "What was searched", head: ["Parameter", "Values"],
            rows: setup.space.dimensions.map { [$0.name, $0.text] }, isProse: true)
    }

    /// What the same study needs to be the same: what its identity is the hash of.
    private func repetition(_ name: String) -> StudyPage.Table {
        let inputs = setup.inputs
        var rows: [[String]] = [["study", name], ["command", setup.command]]
        rows += setup.spec.scriptText.split(separator: "\n").map { line in
            let parts = line.split(separator: " ")
            return [
                "SHA-256 of " + parts.dropLast().joined(separator: " "), String(parts.last ?? ""),
            ]
        }
        let data = inputs.portfolio.isEmpty ? [inputs.data] : inputs.portfolio.map(\.data)
        for data in data {
            rows.append(["digest of \(data.address)", data.digest])
        }
        rows.append(["window", StudyTable.text([Segment(setup.window)])])
        let goals = setup.spec.targets.map { "\($0.direction) \($0.expression)" }
        rows.append(["targets", goals.joined(separator: ", ")])
        let conditions = setup.spec.conditions.joined(separator: ", ")
        rows.append(["where", conditions.isEmpty ? "–" : conditions])
        rows.append(["sampler and seed", "\(setup.spec.sampler), \(setup.seed)"])
        rows.append(["held back", setup.spec.validation])
        rows.append(["lot", inputs.engineVersion])
        return StudyPage.Table(
            "To repeat it",
            note: "The same command finds the same trials, on any number of threads; "
                + "study.json holds every setting. lot optimize show prints the study again, "
                + "--write-params writes the best for lot backtest --params.",
            head: ["What", "Value"], rows: rows, isProse: true)
    }
}
