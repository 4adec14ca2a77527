/// Pictures of the space that was searched: which parameters matter, and how.
extension StudyPictures {
    /// The mean of the target over two parameters, of the trials that meet every constraint.
    func heatMap(_ index: Int) -> ChartSet.Plan {
        let pair = pairs[index]
        let (x, y) = (axes[pair.x], axes[pair.y])
        var means = [Double](repeating: .nan, count: pair.sums.count)
        for cell in means.indices where pair.counts[cell] > 0 {
            means[cell] = pair.sums[cell] / Double(pair.counts[cell])
        }
        let known = means.filter(\.isFinite)
        let (low, high) = (known.min() ?? 0, known.max() ?? 0)
        func middle(_ cell: Int) -> [Double] {
            [x.middle(cell / y.cells), y.middle(cell % y.cells)]
        }
        var levels = [[Double]](repeating: [], count: 9)
        for cell in means.indices where means[cell].isFinite {
            let share = high > low ? (means[cell] - low) / (high - low) : 0.5
            levels[min(8, Int(share * 9))] += middle(cell)
        }
        let missed = means.indices.filter { pair.counts[$0] == 0 && pair.missed[$0] > 0 }
        let shape = ChartLayer.Shape.cells(
            halfWidth: 0.49 / Double(x.cells), halfHeight: 0.49 / Double(y.cells))
        var layers = [
            ChartLayer(shape: shape, color: .benchmark, points: missed.flatMap(middle))
        ]
        layers += levels.indices.map {
            ChartLayer(shape: shape, color: .heat($0), points: levels[$0])
        }
        if let best {
            layers.append(
                ChartLayer(
                    shape: .dots(size: 1), color: .exitLoss,
                    points: [best.place[pair.x], best.place[pair.y]]))
        }
        var chart = self.chart("heat\(index)", height: 340, layers)
        chart.across = (.number, 1)
        chart.ticks = x.ticks
        chart.panels[0].range = 0...1
        chart.panels[0].ticks = y.ticks
        var legend: [(color: ChartColor, label: String)] = []
        if low < high {
            let ends: [(ChartColor, Double)] = [
                (.heat1, low), (.heat5, (low + high) / 2), (.heat9, high),
            ]
            legend = ends.map { ($0.0, NumberText.significant($0.1, 4)) }
        } else if !known.isEmpty {
            legend = [(.heat5, NumberText.significant(low, 4))]
        }
        if !missed.isEmpty { legend.append((.benchmark, "Every trial misses a constraint")) }
        if best != nil { legend.append((.exitLoss, "Best")) }
        return ChartSet.Plan(
            title: "Mean of \(target.name): \(x.name) across, \(y.name) up", legend: legend,
            chart: chart)
    }

    /// The target by one parameter.
    func slice(_ index: Int) -> ChartSet.Plan {
        let axis = axes[index]
        let cells = columns[index]
        func line(_ value: (Column) -> Double) -> [Double] {
            cells.indices.filter { cells[$0].count > 0 }.flatMap { cell -> [Double] in
                let (place, value) = (axis.middle(cell), value(cells[cell]))
                guard !axis.isOrdered else { return [place, value] }
                let half = 0.35 / Double(axis.cells)
                return [place - half, value, place + half, value, .nan, .nan]
            }
        }
        var layers = dots { (axis.spread($0.place[index], $0.number), $0.value) }
        var legend = dotLegend
        // Of one trial a value the mean is the best.
        if cells.contains(where: { $0.count > 1 }) {
            layers.append(
                ChartLayer(
                    shape: .line(width: 2), color: .plot1,
                    points: line { $0.sum / Double($0.count) }))
            legend.append((.plot1, "Mean"))
        }
        if best != nil {
            layers.append(
                ChartLayer(shape: .line(width: 1.4), color: .exitWin, points: line { $0.best }))
            legend.append((.exitWin, "Best"))
        }
        var chart = self.chart("slice\(index)", height: 260, layers)
        chart.across = (.number, 1)
        chart.ticks = axis.ticks
        return ChartSet.Plan(
            title: "\(target.name) by \(axis.name)", legend: legend, chart: chart)
    }
}
