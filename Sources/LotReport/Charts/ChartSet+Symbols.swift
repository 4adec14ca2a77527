import LotCore

extension ChartSet {
    /// The profit of closed trades over time, a line for each of the symbols that moved the
    /// account most; nothing for a run over one symbol.
    static func symbolPlan(_ result: RunResult) -> Plan? {
        guard !result.symbols.isEmpty, let first = result.equity.first,
            let last = result.equity.last, result.equity.count > 1
        else { return nil }
        let shown = result.symbols.indices.filter { result.symbols[$0].trades > 0 }
            .sorted { one, other in
                let (left, right) = (result.symbols[one], result.symbols[other])
                return (abs(right.profit), one) < (abs(left.profit), other)
            }
            .prefix(plotLimit)
        guard !shown.isEmpty else { return nil }
        var chart = Chart(
            name: "symbols", first: first.time, last: last.time, height: 320, panels: [])
        var layers: [ChartLayer] = []
        var legend: [(color: ChartColor, label: String)] = []
        for (place, index) in shown.sorted().enumerated() {
            var plot = PlotLine(name: result.symbols[index].symbol, times: [], values: [])
            var sum = 0.0
            func add(_ time: Int64) {
                plot.times.append(time)
                plot.values.append(sum)
            }
            add(first.time)
            for trade in result.trades where trade.symbol == index {
                // A step: the profit is there from the exit on.
                add(trade.exitTime)
                sum += trade.profit
                add(trade.exitTime)
            }
            add(last.time)
            layers.append(line(chart, plot, .plot(place)))
            legend.append((.plot(place), plot.name))
        }
        chart.panels = [
            ChartPanel(
                layers: layers, share: 1, scale: .number, unit: result.data.address.quoteCurrency)
        ]
        let some = result.symbols.count > plotLimit ? ", the \(shown.count) largest" : ""
        return Plan(title: "Profit by symbol" + some, legend: legend, chart: chart)
    }
}
