import LotCore

extension ChartSet {
    /// The Sharpe ratio of the newest days, over time.
    static func rollingPlan(_ result: RunResult) -> Plan? {
        let values = result.details.rollingSharpe
        guard let first = result.equity.first, let last = values.last, values.count > 1 else {
            return nil
        }
        var chart = Chart(
            name: "rolling", first: first.time, last: last.time, height: 240, panels: [])
        let kept = Thinning.indices(values.map(\.value))
        let points = kept.flatMap { [chart.seconds(values[$0].time), values[$0].value] }
        chart.panels = [
            ChartPanel(
                layers: [
                    ChartLayer(
                        shape: .line(width: 1), color: .benchmark,
                        points: [0, 0, chart.seconds(last.time), 0]),
                    ChartLayer(shape: .line(width: 1.6), color: .equity, points: points),
                ], share: 1, scale: .number, unit: "")
        ]
        let unit = result.data.countsDays ? "days" : "bars"
        let legend: [(color: ChartColor, label: String)] = [
            (.equity, "Sharpe ratio of the last \(result.details.rollingDays) \(unit)")
        ]
        return Plan(title: "Rolling Sharpe ratio", legend: legend, chart: chart)
    }

    /// How far each trade went against and with its entry.
    static func movesPlan(_ result: RunResult) -> Plan? {
        let moves = result.details.excursions
        guard moves.count == result.trades.count, moves.count > 1 else { return nil }
        let step = (moves.count + markLimit - 1) / markLimit
        var (wins, losses): ([Double], [Double]) = ([], [])
        for index in stride(from: 0, to: moves.count, by: step) {
            let point = [moves[index].adverse * 100, moves[index].favourable * 100]
            if result.trades[index].profit > 0 { wins += point } else { losses += point }
        }
        let widest = moves.lazy.map(\.adverse).max() ?? 0
        let size = moves.count > 400 ? 0.6 : 0.9
        let some = step > 1 ? " (1 trade in \(step))" : ""
        var chart = Chart(name: "moves", first: 0, last: 0, height: 360, panels: [])
        chart.across = (.percent, max(widest * 104, 0.01))
        chart.panels = [
            ChartPanel(
                layers: [
                    ChartLayer(shape: .dots(size: size), color: .exitLoss, points: losses),
                    ChartLayer(shape: .dots(size: size), color: .exitWin, points: wins),
                ], share: 1, scale: .gain, unit: "")
        ]
        return Plan(
            title: "Furthest move with each trade (up) and against it (right)",
            legend: [
                (.exitWin, "Ended with profit" + some), (.exitLoss, "Ended with loss" + some),
            ],
            chart: chart)
    }
}
