/// Pictures of the search itself.
extension StudyPictures {
    var history: ChartSet.Plan {
        var line = climb
        if let best { line += [Double(count), best.value] }
        var chart = self.chart(
            "history", height: 320,
            dots { (Double($0.number), $0.value) }
                + [ChartLayer(shape: .line(width: 2), color: .exitWin, points: line)])
        chart.across = (.count, Double(max(1, count)))
        return ChartSet.Plan(
            title: "History of \(target.name), by number of the trial",
            legend: dotLegend + (best == nil ? [] : [(.exitWin, "Best so far")]), chart: chart)
    }

    /// The first target against another one.
    func front(_ index: Int) -> ChartSet.Plan {
        let other = targets[index + 1]
        let points = fronts[index].points.sorted { $0.0 < $1.0 }.flatMap { [$0.0, $0.1] }
        let known = marks.filter { $0.values[index + 1].isFinite }.map(\.value)
        let ends = known + fronts[index].points.map(\.0)
        let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
        let room = max((high - low) * 0.03, 1e-9)
        var chart = self.chart(
            "front\(index)", height: 380,
            dots { ($0.value, $0.values[index + 1]) } + [
                ChartLayer(shape: .line(width: 1.2), color: .exitWin, points: points),
                ChartLayer(shape: .dots(size: 0.7), color: .exitWin, points: points),
            ])
        chart.start = low - room
        chart.across = (.number, high + room)
        return ChartSet.Plan(
            title: "Pareto front: \(target.name) across, \(other.name) up",
            legend: dotLegend + (points.isEmpty ? [] : [(.exitWin, "Front")]), chart: chart)
    }

    var parallel: ChartSet.Plan {
        let top = min(StudyPictures.leaderLimit, max(1, feasible / 10))
        let stride = max(1, marks.count / 300)
        let others = marks.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        func lines(_ marks: [Mark], _ color: ChartColor, _ width: Double) -> ChartLayer {
            let points = marks.flatMap { mark in
                mark.place.enumerated().flatMap { [Double($0.offset), $0.element] }
                    + [Double.nan, .nan]
            }
            return ChartLayer(shape: .line(width: width), color: color, points: points)
        }
        let posts = axes.indices.flatMap { [Double($0), 0, Double($0), 1, .nan, .nan] }
        var chart = self.chart(
            "parallel", height: 320,
            [
                lines(others, .benchmark, 0.3),
                lines(Array(leaders.prefix(top)), .equity, 0.7),
                lines(best.map { [$0] } ?? [], .exitLoss, 2.5),
                ChartLayer(shape: .line(width: 1), color: .text, points: posts),
            ])
        chart.across = (.number, Double(axes.count) - 0.9)
        chart.start = -0.1
        // The more axes, the less room for a name.
        let limit = max(5, min(16, 90 / axes.count))
        chart.ticks = axes.enumerated().map {
            ChartTick(
                label: StudyAxis.short($0.element.name, limit: limit), place: Double($0.offset))
        }
        chart.panels[0].range = -0.02...1.02
        chart.panels[0].ticks = [ChartTick(label: "", place: 0)]
        return ChartSet.Plan(
            title: "Parallel coordinates, each axis from its least value to its most",
            legend: [(.benchmark, "Trial")] + (top > 1 ? [(.equity, "Best \(top)")] : [])
                + [(.exitLoss, "Best")], chart: chart)
    }
}
