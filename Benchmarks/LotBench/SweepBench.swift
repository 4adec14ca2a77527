import LotCore
import LotEngine
import LotMath

extension Bench {
    /// 100 SMA-cross parameter pairs over the whole series: fees, slippage, lot rounding, the
    /// volume limit off.
    static func sweep(_ bars: Bars) throws {
        var program = SeriesProgram()
        let close = program.field(.close)
        let sma = IndicatorRegistry.index(of: "sma") ?? 0
        var sets: [RuleSet] = []
        for fast in stride(from: 5.0, through: 50, by: 5) {
            for slow in stride(from: 60.0, through: 240, by: 20) {
                let a = program.indicator(sma, input: close, parameters: [fast])[0]
                let b = program.indicator(sma, input: close, parameters: [slow])[0]
                let rules = Rules(
                    enterLong: program.apply(.crossesAbove, [a, b]),
                    exitLong: program.apply(.crossesBelow, [a, b]))
                sets.append(RuleSet(rules, warmUp: Int(slow) + 1))
            }
        }
        let input = BacktestInput(
            bars: bars, window: 0..<bars.count,
            instrument: Instrument(
                tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.00001")),
            settings: RunSettings(volumeLimit: nil))
        var evaluator = MetricEvaluator()
        let sharpe = MetricDefinition.searchIndex(of: "sharpe") ?? 0
        var trades = 0
        var equity = 0.0
        var orders = 0
        let seconds = median(runs: 5) {
            (trades, equity, orders) = (0, 0, 0)
            try? runSweep(sets, program: program, input) { _, run in
                evaluator.evaluate(run)
                trades += run.trades.count
                equity += evaluator.values[sharpe]
                orders += run.counters.orders
            }
        }
        let evaluations = Double(bars.count * sets.count)
        report(
            "sweep, \(sets.count) SMA-cross pairs, all metrics",
            short(evaluations / seconds / 1e6) + " M bar-evaluations/s  "
                + "[\(trades) trades, \(orders) orders, \(equity)]")
    }
}
