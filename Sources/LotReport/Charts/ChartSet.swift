public import LotCore

/// A chart as it stands in a page.
struct DrawnChart: Sendable {
    /// What it shows, for the caption and for people who hear the page.
    var title: String
    /// Colours and what they mean; the texts never reach gnuplot.
    var legend: [(color: ChartColor, label: String)]
    var width: Int
    var height: Int
    /// Whether it stands beside another one.
    var isHalf = false
    /// Inner SVG from ``SVGRewriter``.
    var markup: String
}

/// The charts of a report, or the reason why there are none.
public struct ChartSet: Sendable {
    let charts: [DrawnChart]
    /// Why there are no charts, in words; `nil` if there are, or nothing is to be drawn.
    public let note: String?

    /// Draws the charts of a run in one gnuplot process.
    ///
    /// Without gnuplot, or if it fails, the set is empty and says why: a report is never lost to
    /// a chart.
    /// - Parameters:
    ///   - result: The run.
    ///   - gnuplot: The program, `nil` if it is not installed.
    /// - Returns: The charts, or the reason why there are none.
    /// - Complexity: O(equity points + trades) plus gnuplot's time, about 0.1 s.
    public static func draw(_ result: RunResult, gnuplot: Gnuplot?) -> ChartSet {
        let plans =
            [equityPlan(result), pricePlan(result), symbolPlan(result)].compactMap(\.self)
            + symbolPricePlans(result)
            + [rollingPlan(result), movesPlan(result)].compactMap(\.self)
        return draw(plans, gnuplot)
    }

    /// Draws what was planned.
    static func draw(_ plans: [Plan], _ gnuplot: Gnuplot?) -> ChartSet {
        guard !plans.isEmpty else { return ChartSet(charts: [], note: nil) }
        guard let gnuplot else {
            return ChartSet(
                charts: [],
                note: "gnuplot is not installed, so the report has no charts; "
                    + "install gnuplot-nox and run again")
        }
        var program = GnuplotProgram()
        for plan in plans { plan.chart.append(to: &program) }
        do throws(GnuplotError) {
            let files = try GnuplotSession(gnuplot).run(program)
            let charts = zip(plans, files).map { plan, bytes in
                DrawnChart(
                    title: plan.title, legend: plan.legend, width: plan.chart.width,
                    height: plan.chart.height, isHalf: plan.chart.isHalf,
                    markup: SVGRewriter.rewrite(bytes))
            }
            return ChartSet(charts: charts, note: nil)
        } catch {
            return ChartSet(
                charts: [], note: "the report has no charts: " + error.reason)
        }
    }

    /// What to draw, and the words around it.
    struct Plan {
        var title: String
        var legend: [(color: ChartColor, label: String)]
        var chart: Chart
    }

    /// How many trades are marked in the price chart.
    static let markLimit = 1_000
    /// How many lines of a script are drawn.
    static let plotLimit = 6

    private static func equityPlan(_ result: RunResult) -> Plan? {
        guard let first = result.equity.first, let last = result.equity.last,
            result.equity.count > 1
        else { return nil }
        let currency = result.data.address.quoteCurrency
        var chart = Chart(
            name: "equity", first: first.time, last: last.time, height: 440, panels: [])
        var layers: [ChartLayer] = []
        var legend: [(color: ChartColor, label: String)] = [(.equity, "Equity")]
        let holding = result.holding
        if !holding.isEmpty {
            layers.append(
                line(
                    chart,
                    PlotLine(name: "", times: result.equity.map(\.time), values: holding),
                    .benchmark))
            legend.append((.benchmark, "Buy & hold"))
        }
        layers.append(line(chart, result.equity, .equity, width: 1.8) { $0.equity })
        let drawdown = points(chart, result.equity) { $0.drawdown * -100 }
        chart.panels = [
            ChartPanel(layers: layers, share: 0.72, scale: .number, unit: currency),
            ChartPanel(
                layers: [
                    ChartLayer(shape: .area, color: .drawdown, points: drawdown),
                    ChartLayer(shape: .line(width: 1.2), color: .drawdown, points: drawdown),
                ], share: 0.28, scale: .percent, unit: ""),
        ]
        legend.append((.drawdown, "Drawdown"))
        return Plan(title: "Equity and drawdown", legend: legend, chart: chart)
    }

    private static func pricePlan(_ result: RunResult) -> Plan? {
        // Several symbols have no price in common.
        guard result.portfolio.isEmpty, let first = result.equity.first,
            let last = result.equity.last, result.equity.count > 1
        else { return nil }
        let chart = Chart(
            name: "price", first: first.time, last: last.time, height: 440, panels: [])
        let closes = PlotLine(
            name: "Close", times: result.equity.map(\.time), values: result.equity.map(\.close))
        let price = line(chart, result.broken(closes), .price)
        return pricePlan(
            chart, "Price, entries and exits", price, closes: closes.values,
            plots: result.plots, trades: result.trades, result)
    }

    /// A price, the lines of the script over it or below it, and the trades.
    static func pricePlan(
        _ frame: Chart, _ title: String, _ closeLine: ChartLayer, closes: [Double],
        plots: [PlotLine], trades: [Trade], _ result: RunResult
    ) -> Plan {
        var chart = frame
        var legend: [(color: ChartColor, label: String)] = [(.price, "Close")]
        var price = [closeLine]
        var other: [ChartLayer] = []
        let low = closes.min() ?? 0
        let high = closes.max() ?? 0
        for (index, plot) in plots.prefix(plotLimit).enumerated() {
            let layer = line(chart, result.broken(plot), .plot(index))
            if belongs(plot, low, high) { price.append(layer) } else { other.append(layer) }
            legend.append((.plot(index), plot.name))
        }
        let marks = markLayers(chart, trades)
        price += marks.layers
        legend += marks.legend
        let unit = result.data.address.quoteCurrency
        chart.panels = [
            ChartPanel(
                layers: price, share: other.isEmpty ? 1 : 0.72, scale: .number, unit: unit)
        ]
        if !other.isEmpty {
            chart.panels.append(ChartPanel(layers: other, share: 0.28, scale: .number, unit: ""))
        }
        return Plan(title: title, legend: legend, chart: chart)
    }

    /// Whether a script's line is a price: it lies within the range of prices, give or take half.
    private static func belongs(_ plot: PlotLine, _ low: Double, _ high: Double) -> Bool {
        let values = plot.values.filter(\.isFinite)
        guard let smallest = values.min(), let largest = values.max() else { return true }
        return smallest >= low * 0.5 && largest <= high * 1.5
    }

    private static func markLayers(_ chart: Chart, _ trades: [Trade])
        -> (layers: [ChartLayer], legend: [(color: ChartColor, label: String)])
    {
        let count = trades.count
        guard count > 0 else { return ([], []) }
        // Beyond the limit every k-th trade is marked; the list has them all.
        let step = (count + markLimit - 1) / markLimit
        let shown = stride(from: 0, to: count, by: step).map { trades[$0] }
        var entries: [Double] = []
        var wins: [Double] = []
        var losses: [Double] = []
        for trade in shown {
            entries += [chart.seconds(trade.entryTime), trade.entryPrice]
            let exit = [chart.seconds(trade.exitTime), trade.exitPrice]
            if trade.profit > 0 { wins += exit } else { losses += exit }
        }
        let some = step > 1 ? " (1 trade in \(step))" : ""
        let kinds: [(ChartColor, Bool, [Double], String)] = [
            (.entry, true, entries, "Entry" + some), (.exitWin, false, wins, "Exit with profit"),
            (.exitLoss, false, losses, "Exit with loss"),
        ]
        let used = kinds.filter { !$0.2.isEmpty }
        let size = shown.count > 400 ? 0.5 : shown.count > 100 ? 0.7 : 1
        return (
            used.map {
                ChartLayer(shape: .marks(up: $0.1, size: size), color: $0.0, points: $0.2)
            },
            used.map { ($0.0, $0.3) }
        )
    }

    private static func line(
        _ chart: Chart, _ equity: [EquityPoint], _ color: ChartColor, width: Double,
        _ value: (EquityPoint) -> Double
    ) -> ChartLayer {
        ChartLayer(
            shape: .line(width: width), color: color, points: points(chart, equity, value))
    }

    static func line(_ chart: Chart, _ plot: PlotLine, _ color: ChartColor) -> ChartLayer {
        let count = min(plot.times.count, plot.values.count)
        let values = Array(plot.values[..<count])
        var points: [Double] = []
        for index in Thinning.indices(values) {
            points += [chart.seconds(plot.times[index]), values[index]]
        }
        return ChartLayer(shape: .line(width: 1.2), color: color, points: points)
    }

    private static func points(
        _ chart: Chart, _ equity: [EquityPoint], _ value: (EquityPoint) -> Double
    ) -> [Double] {
        let values = equity.map(value)
        var points: [Double] = []
        for index in Thinning.indices(values) {
            points += [chart.seconds(equity[index].time), values[index]]
        }
        return points
    }
}
