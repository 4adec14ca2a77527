import LotCore

/// Pictures of how much of the best may be luck.
extension StudyPictures {
    /// What choices were worth in sample against out of sample; `nil` for fewer than two.
    func heldOut(_ held: Held) -> ChartSet.Plan? {
        let known = held.pairs.filter { $0.0.isFinite && $0.1.isFinite }
        guard known.count > 1 else { return nil }
        let across = known.map(\.0)
        let up = known.map(\.1)
        let (left, right) = (across.min() ?? 0, across.max() ?? 1)
        // The part of the line of equality that is in the picture.
        let low = max(left, up.min() ?? left)
        let high = min(right, up.max() ?? right)
        let room = max((right - left) * 0.04, 1e-9)
        var layers = [
            ChartLayer(
                shape: .line(width: 1.2), color: .benchmark,
                points: low < high ? [low, low, high, high] : []),
            ChartLayer(
                shape: .dots(size: 0.8), color: .equity, points: known.flatMap { [$0.0, $0.1] }),
        ]
        var legend: [(color: ChartColor, label: String)] = [
            (.equity, held.noun == "fold" ? "Best of a fold" : "One of the best trials")
        ]
        if low < high { legend.append((.benchmark, "Equal")) }
        if held.hasBest, let best = held.pairs.first, best.0.isFinite, best.1.isFinite {
            layers.append(
                ChartLayer(
                    shape: .dots(size: 1.1), color: .exitLoss, points: [best.0, best.1]))
            legend.append((.exitLoss, "Best"))
        }
        var chart = self.chart("held", height: 300, layers)
        chart.start = left - room
        chart.across = (.number, right + room)
        let relation = held.correlation.map {
            "; rank correlation \(NumberText.fixed($0, 2))"
        }
        return ChartSet.Plan(
            title: "\(target.name): in sample across, out of sample up" + (relation ?? ""),
            legend: legend, chart: chart)
    }

    /// The logits of cross-validation, those of overfitting in red; `nil` without any.
    var overfitting: ChartSet.Plan? {
        let known = logits.filter(\.isFinite)
        guard !known.isEmpty else { return nil }
        let half = 15
        let end = max(1e-9, known.map(abs).max() ?? 1)
        var bins = [Double](repeating: 0, count: 2 * half)
        for value in known {
            // A logit of 0 is overfitting: the choice is at the median, not above it.
            let place = (value / end * Double(half)).rounded(.up) + Double(half) - 1
            bins[min(2 * half - 1, max(0, Int(place)))] += 1
        }
        func steps(_ range: Range<Int>) -> [Double] {
            range.flatMap { index -> [Double] in
                let left = end * (Double(index) / Double(half) - 1)
                return [left, bins[index], left + end / Double(half), bins[index]]
            }
        }
        let top = bins.max() ?? 1
        var chart = self.chart(
            "logits", height: 300,
            [
                ChartLayer(shape: .area, color: .exitLoss, points: steps(0..<half)),
                ChartLayer(shape: .area, color: .equity, points: steps(half..<2 * half)),
                ChartLayer(
                    shape: .line(width: 1.5), color: .exitLoss, points: [0, 0, 0, top]),
            ])
        chart.start = -end
        chart.across = (.number, end)
        chart.panels[0].range = 0...max(1, top * 1.05)
        chart.panels[0].scale = .count
        let share = Double(known.count { $0 <= 0 }) / Double(known.count)
        return ChartSet.Plan(
            title: "Probability of overfitting \(NumberText.percent(share, decimals: 1)): logits "
                + "of \(grouped(known.count)) splits of the days",
            legend: [
                (.exitLoss, "Best of one half, not above the median in the other"),
                (.equity, "Above it"),
            ], chart: chart)
    }

    /// The account over resamples: nine of ten lie in the band.
    func fan(_ fan: Fan) -> ChartSet.Plan {
        func points(_ value: (Fan.Point) -> Double) -> [Double] {
            fan.points.flatMap { [Double($0.step), value($0)] }
        }
        let back = fan.points.reversed().flatMap { [Double($0.step), $0.low] }
        var chart = self.chart(
            fan.name, height: 300,
            [
                ChartLayer(shape: .region, color: .equity, points: points { $0.high } + back),
                ChartLayer(
                    shape: .line(width: 1.2), color: .benchmark, points: points { $0.median }),
                ChartLayer(
                    shape: .line(width: 1.8), color: .equity, points: points { $0.actual }),
            ])
        chart.across = (.count, Double(max(1, fan.points.last?.step ?? 1)))
        return ChartSet.Plan(
            title: fan.title,
            legend: [
                (.equity, "The run; the band holds nine of ten resamples"),
                (.benchmark, "Median"),
            ], chart: chart)
    }
}
