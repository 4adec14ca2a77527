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

    /// The price of each symbol for which the script drew lines, with these and its trades: of
    /// many symbols those that moved the account most.
    static func symbolPricePlans(_ result: RunResult) -> [Plan] {
        guard let first = result.equity.first, let last = result.equity.last else { return [] }
        func profit(_ line: PlotLine) -> Double {
            line.symbol < result.symbols.count ? abs(result.symbols[line.symbol].profit) : 0
        }
        let shown = result.prices.filter { $0.times.count > 1 }
            .sorted { (profit($1), $0.symbol) < (profit($0), $1.symbol) }
            .prefix(plotLimit).sorted { $0.symbol < $1.symbol }
        return shown.map { price in
            let chart = Chart(
                name: "price\(price.symbol)", first: first.time, last: last.time, height: 440,
                panels: [])
            let some =
                result.prices.count > shown.count
                ? " (one of \(shown.count) of \(result.prices.count) symbols with lines)" : ""
            return pricePlan(
                chart, "\(price.name): price, entries and exits" + some,
                line(chart, price, .price), closes: price.values,
                plots: result.plots.filter { $0.symbol == price.symbol },
                trades: result.trades.filter { $0.symbol == price.symbol }, result)
        }
    }
}
