import LotCore
import LotMath
import LotOptimize

/// A figure of a study under the name that `study.json` gives it.
struct StudyMeasure: Sendable {
    let name: String
    let value: Double?
}

extension StudyMeasure {
    /// The figures of a study: its target in and out of sample, and the statistics of overfitting.
    static func all(_ setup: StudySetup, _ findings: StudyFindings) -> [StudyMeasure] {
        let target = setup.objective.targets[0].expression
        var measures = [
            StudyMeasure(
                name: "target",
                value: findings.best.flatMap { $0.values[0].isFinite ? $0.values[0] : nil })
        ]
        let paths = findings.outOfSample?.paths ?? []
        measures.append(
            StudyMeasure(
                name: "oos_target",
                value: PathSpread(paths.map { target.value($0.metrics) })?.median))
        for name in StudyFindings.measures {
            measures.append(StudyMeasure(name: name, value: findings.measure(name)))
        }
        return measures
    }
}
