import LotCore
import LotMath
import LotOptimize
import LotReport

/// How the figures of a study vary over its paths out of sample.
struct StudyPaths {
    /// A figure over paths.
    struct Figure {
        /// A metric, or the target.
        let name: String
        /// How it varies; `nil` where it is undefined on a path.
        let spread: PathSpread?

        /// Whether it is a metric of which 0 separates good from bad.
        ///
        /// Only then a share of paths below 0 says something. Nobody knows it of arithmetic.
        var isSigned: Bool { MetricText.isGain(name) }
    }

    private let found: OutOfSample
    private let target: LotOptimize.Expression

    init(_ setup: StudySetup, _ found: OutOfSample) {
        self.found = found
        target = setup.objective.targets[0].expression
    }

    /// Metrics beside the target.
    private static let keys = ["sharpe", "total_return", "max_drawdown"]

    /// The target, and the usual metrics.
    var figures: [Figure] {
        let metrics = StudyPaths.keys.filter { $0 != target.text }.compactMap { key in
            MetricDefinition.searchIndex(of: key).map { index in
                Figure(name: key, spread: PathSpread(found.paths.map { $0.metrics[index] }))
            }
        }
        let values = found.paths.map { target.value($0.metrics) }
        return [Figure(name: target.text, spread: PathSpread(values))] + metrics
    }

    /// Names of the columns of ``rows(currency:)``.
    static let header = ["least", "median", "greatest", "below 0"]

    /// The figures of several paths; none for one.
    ///
    /// - Parameter currency: The quote currency, for amounts.
    /// - Returns: Cells: name, then as ``header`` says.
    func rows(currency: String) -> [[String]] {
        guard found.paths.count > 1 else { return [] }
        return figures.map { figure in
            let isMetric = MetricDefinition.named(figure.name) != nil
            func text(_ value: Double?) -> String {
                isMetric
                    ? MetricText.text(figure.name, value, currency: currency)
                    : shortText(value ?? .nan)
            }
            let spread = figure.spread
            let share = figure.isSigned ? spread?.negativeShare : nil
            return [
                isMetric ? MetricText.label(figure.name) : escaped(figure.name, limit: 40),
                text(spread?.least), text(spread?.median), text(spread?.greatest),
                share.map { decimals($0 * 100, 0) + " %" } ?? "–",
            ]
        }
    }

    /// The figures of several paths as a table; nothing for one.
    func text(currency: String) -> String {
        let rows = rows(currency: currency)
        guard !rows.isEmpty else { return "" }
        var table = TextTable(
            ["over \(found.paths.count) paths"] + StudyPaths.header, numbers: [1, 2, 3, 4])
        for row in rows { table.add(row) }
        return table.text
    }
}
