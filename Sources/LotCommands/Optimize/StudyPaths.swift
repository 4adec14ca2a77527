import LotCore
import LotMath
import LotOptimize
import LotReport

/// How the figures of a study vary over its paths out of sample.
struct StudyPaths {
    private let found: OutOfSample
    private let target: LotOptimize.Expression

    init(_ setup: StudySetup, _ found: OutOfSample) {
        self.found = found
        target = setup.objective.targets[0].expression
    }

    /// Metrics beside the target.
    private static let keys = ["sharpe", "total_return", "max_drawdown"]

    /// Names and the values of every path: of the target, and of the usual metrics.
    var figures: [(name: String, values: [Double])] {
        let metrics = StudyPaths.keys.filter { $0 != target.text }.compactMap { key in
            MetricDefinition.searchIndex(of: key).map { index in
                (key, found.paths.map { $0.metrics[index] })
            }
        }
        return [(target.text, found.paths.map { target.value($0.metrics) })] + metrics
    }

    /// The figures of several paths as a table; nothing for one.
    func text(currency: String) -> String {
        guard found.paths.count > 1 else { return "" }
        var table = TextTable(
            ["over \(found.paths.count) paths", "least", "median", "greatest", "below 0"],
            numbers: [1, 2, 3, 4])
        for (name, values) in figures {
            let isMetric = MetricDefinition.named(name) != nil
            func text(_ value: Double?) -> String {
                isMetric
                    ? MetricText.text(name, value, currency: currency) : shortText(value ?? .nan)
            }
            let spread = PathSpread(values)
            table.add([
                isMetric ? MetricText.label(name) : escaped(name, limit: 40),
                text(spread?.least), text(spread?.median), text(spread?.greatest),
                spread.map { decimals($0.negativeShare * 100, 0) + " %" } ?? "–",
            ])
        }
        return table.text
    }
}
