import LotCore
import LotMath
import LotOptimize
import LotReport

extension StudyFiles {
    /// Writes `study.html`: the pictures, the tables and the verdict of a study.
    func writePage(_ findings: StudyFindings, _ log: some TrialLog) throws(Diagnosis) {
        let target = setup.objective.targets[0]
        var pictures = StudyPictures(
            setup.space.dimensions.indices.map(axis), target: target.expression.text,
            isMaximised: target.isMaximised)
        try log.trials(fold: 0, from: 0) { (trial: Trial) throws(Diagnosis) in
            pictures.add(
                number: trial.number, place: setup.space.unit(trial.point),
                value: trial.values[0], isFeasible: trial.status == .feasible)
        }
        pictures.folds = (findings.outOfSample?.folds ?? []).flatMap { fold in
            [target.expression.value(fold.inSample), target.expression.value(fold.outOfSample)]
        }
        pictures.logits = findings.luck?.overfitting?.splits.map(\.logit) ?? []
        let html = page(findings).html(pictures.draw(Gnuplot.find()), note: pictures.note)
        try NewFile.replace(path + "/study.html", html)
    }

    private func page(_ findings: StudyFindings) -> StudyPage {
        let names = setup.space.dimensions.map(\.name)
        let targets = setup.objective.targets.map(\.expression.text)
        let leaders = findings.leaders.map { trial in
            ["\(trial.number)"] + names.indices.map { setup.space.text(trial.point, $0) }
                + trial.values.map(shortText)
                + [trial.status == .feasible ? "yes" : "no"]
        }
        let figures = StudyMeasure.all(setup, findings).map { measure in
            [measure.name, measure.value.map(shortText) ?? "–"]
        }
        let tally = findings.tally
        let done =
            "\(counted(tally.ran, "trial")) by \(setup.sampler.rawValue), "
            + "\(grouped(tally.feasible)) meet every constraint"
        return StudyPage(
            title: setup.inputs.strategy.name, lead: setup.request.title + "  ·  " + done,
            verdict: findings.luck?.verdict ?? [],
            tables: [
                StudyPage.Table(
                    "Best trials", note: "trials.csv has all of them.",
                    head: ["Trial"] + names + targets + ["Constraints met"], rows: leaders),
                StudyPage.Table(
                    "Figures", note: "docs/overfitting.md says what each means.",
                    head: ["Name", "Value"], rows: figures),
                StudyPage.Table(
                    "What was searched", head: ["Parameter", "Values"],
                    rows: setup.space.dimensions.map { [$0.name, $0.text] }),
            ], footer: "study " + setup.id)
    }

    /// A parameter as an axis: at most 40 values are cells of their own.
    private func axis(_ index: Int) -> StudyPictures.Axis {
        let dimension = setup.space.dimensions[index]
        let count = dimension.count
        let shown = min(6, count ?? 5)
        let ticks = (0..<shown).map { number -> (label: String, place: Double) in
            let share = shown > 1 ? Double(number) / Double(shown - 1) : 0
            var place = 0.02 + share * 0.96
            if let count { place = ((share * Double(count - 1)).rounded() + 0.5) / Double(count) }
            var unit = [Double](repeating: 0.5, count: setup.space.dimensions.count)
            unit[index] = place
            let point = setup.space.snapped(unit: unit)
            let isNumber = count == nil
            return (
                isNumber
                    ? shortText(point.coordinates[index]) : setup.space.text(point, index), place
            )
        }
        return StudyPictures.Axis(
            dimension.name, cells: count.map { $0 <= 40 ? $0 : 20 } ?? 20, ticks: ticks)
    }
}
