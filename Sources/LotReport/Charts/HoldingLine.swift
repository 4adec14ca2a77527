import LotCore

extension RunResult {
    /// What the starting cash would be worth at each point of the curve, put into the market at the
    /// first point's close and held, without costs.
    ///
    /// A run that is put together from stretches holds only while it tests: the market is left at
    /// the last close of a stretch and entered again at the first open of the next
    /// (``RunSeam/priceScale``), as `buy_hold_return` counts it. The closes of several symbols are
    /// such a value already.
    ///
    /// - Returns: Quote currency by point; empty where the first close is not above 0.
    /// - Complexity: O(points).
    var holding: [Double] {
        guard let first = equity.first, first.close > 0 else { return [] }
        let seams = portfolio.isEmpty ? details.seams : []
        var (next, scale) = (0, settings.startingCash / first.close)
        return equity.map { point in
            while next < seams.count, seams[next].time < point.time {
                scale = settings.startingCash / first.close * seams[next].priceScale
                next += 1
            }
            return point.close * scale
        }
    }

    /// A line with a value that is none where a stretch begins after time that nobody tested: it
    /// would show what nobody looked at.
    ///
    /// - Complexity: O(points).
    func broken(_ line: PlotLine) -> PlotLine {
        let holes = details.seams.filter { $0.skipped > 0 }
        guard !holes.isEmpty else { return line }
        var next = 0
        var broken = PlotLine(name: line.name, times: [], values: [], symbol: line.symbol)
        for (time, value) in zip(line.times, line.values) {
            while next < holes.count, holes[next].time < time {
                broken.times.append(holes[next].time)
                broken.values.append(.nan)
                next += 1
            }
            broken.times.append(time)
            broken.values.append(value)
        }
        return broken
    }
}
