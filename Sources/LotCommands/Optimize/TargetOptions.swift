import ArgumentParser
import LotCore
import LotMath
import LotOptimize

/// The flags that say what is good.
struct TargetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What to optimise: a metric, or arithmetic, as \"sharpe - 2 * max_drawdown\"; several "
                + "with nsga2.",
            valueName: "expression"))
    var target: [String] = []

    @Option(
        name: .customLong("target-direction"),
        help: ArgumentHelp(
            "max or min, for each target in turn (default: what is better for that metric).",
            valueName: "direction"))
    var directions: [String] = []

    @Option(
        help: ArgumentHelp(
            "What must hold, as \"max_drawdown < 0.25\"; may be given again.",
            valueName: "condition"))
    var constraint: [String] = []

    @Option(
        name: .customLong("min-trades"),
        help: ArgumentHelp("Fewest trades of a result that counts.", valueName: "n"))
    var minTrades: Int = 0

    /// Metrics of which less is better.
    private static let losses: Set = [
        "max_drawdown", "avg_drawdown", "max_drawdown_duration", "avg_drawdown_duration",
        "ulcer_index", "annual_volatility", "fees", "slippage", "value_at_risk",
        "conditional_value_at_risk", "risk_of_ruin", "closed_max_drawdown", "max_loss_streak",
        "gross_loss", "underwater_time", "tracking_error", "liquidations", "rejected_orders",
    ]

    /// The objective these flags describe; the Sharpe ratio if they name none.
    func objective() throws(Diagnosis) -> Objective {
        let texts = target.isEmpty ? ["sharpe"] : target
        guard directions.count <= texts.count else {
            throw usage("--target-direction", "given more often than --target")
        }
        guard (0...1_000_000_000).contains(minTrades) else {
            throw usage("--min-trades", "\(minTrades) is not a number of trades")
        }
        let names = MetricDefinition.search.map(\.key)
        var targets: [Target] = []
        for (index, text) in texts.enumerated() {
            guard !texts[..<index].contains(text) else {
                throw usage("--target", "\"\(escaped(text))\" given twice", hint: "keep one")
            }
            let expression = try Expression(text, names: names, subject: "--target")
            guard !expression.names.isEmpty else {
                throw usage(
                    "--target", "\"\(escaped(text))\" reads no metric",
                    hint: "for example sharpe, or \"sharpe - 2 * max_drawdown\"")
            }
            let direction = index < directions.count ? directions[index] : nil
            targets.append(
                Target(expression, isMaximised: try isMaximised(text, direction)))
        }
        var constraints: [Expression] = []
        for text in constraint {
            let condition = try Expression(text, names: names, subject: "--constraint")
            guard condition.isCondition else {
                throw usage(
                    "--constraint", "\"\(escaped(text))\" compares nothing",
                    hint: "for example \"max_drawdown < 0.25\"")
            }
            constraints.append(condition)
        }
        return Objective(targets: targets, constraints: constraints, minTrades: minTrades)
    }

    private func isMaximised(_ text: String, _ direction: String?) throws(Diagnosis) -> Bool {
        switch direction {
        case nil: return !TargetOptions.losses.contains(text)
        case "max": return true
        case "min": return false
        default:
            throw usage(
                "--target-direction", "\"\(escaped(direction ?? ""))\" is no direction",
                hint: "max or min")
        }
    }
}
