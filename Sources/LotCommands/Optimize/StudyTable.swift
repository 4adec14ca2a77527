import LotCore
import LotMath
import LotOptimize
import LotReport

/// What a study prints.
struct StudyTable {
    private let setup: StudySetup

    init(_ setup: StudySetup) { self.setup = setup }

    /// Metrics beside the targets.
    private static let columns = ["total_return", "sharpe", "max_drawdown", "trades"]

    /// The best trials.
    func leaders(_ trials: [Trial]) -> String {
        let objective = setup.objective
        let named = objective.targets.map(\.expression.text)
        let metrics = StudyTable.columns.filter { !named.contains($0) }
        let parameters = setup.space.dimensions.map(\.name)
        let header =
            ["", "trial"] + parameters.map { escaped($0, limit: 24) }
            + named.map { label($0) } + metrics.map(MetricText.label)
        var table = TextTable(header, numbers: Set(0..<header.count))
        for (place, trial) in trials.enumerated() {
            var cells = ["\(place + 1)", "\(trial.number)"]
            cells += parameters.indices.map { setup.space.text(trial.point, $0) }
            cells += zip(named, trial.values).map { value($0, $1) }
            cells += metrics.map { key in
                MetricText.text(
                    key, setup.kept.place(of: key).map { trial.metrics[$0] },
                    currency: setup.request.address.quoteCurrency)
            }
            if trial.status != .feasible { cells[0] = "×" }
            table.add(cells)
        }
        return table.text
    }

    private func label(_ expression: String) -> String {
        MetricDefinition.named(expression) == nil
            ? escaped(expression, limit: 40) : MetricText.label(expression)
    }

    private func value(_ expression: String, _ value: Double) -> String {
        guard MetricDefinition.named(expression) != nil else { return shortText(value) }
        return MetricText.text(
            expression, value.isFinite ? value : nil,
            currency: setup.request.address.quoteCurrency)
    }
}
