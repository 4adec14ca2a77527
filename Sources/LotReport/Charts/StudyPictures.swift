/// Gathers the trials of a study, one by one, and plans its pictures.
///
/// Heat maps count every trial; dots are thinned to at most ``limit`` by keeping each second,
/// fourth, eighth … number. Memory does not grow with the trials.
public struct StudyPictures: Sendable {
    /// A parameter as an axis from 0 to 1.
    public struct Axis: Sendable {
        let name: String
        let cells: Int
        let ticks: [ChartTick]

        /// - Parameters:
        ///   - name: Of the parameter.
        ///   - cells: Columns of a heat map.
        ///   - ticks: Labels and their places in 0…1.
        public init(_ name: String, cells: Int, ticks: [(label: String, place: Double)]) {
            self.name = name
            self.cells = max(1, cells)
            self.ticks = ticks.map {
                ChartTick(label: String($0.label.prefix(9)), place: $0.place)
            }
        }
    }

    private struct Pair {
        let x: Int
        let y: Int
        var sums: [Double]
        var counts: [Int]
    }

    private struct Mark {
        var number: Int
        var place: [Double]
        var value: Double
        var isFeasible: Bool
    }

    /// Most dots of a picture, and most heat maps.
    static let limit = 20_000
    static let pairLimit = 15

    private let axes: [Axis]
    private let target: String
    private let isMaximised: Bool
    private var pairs: [Pair] = []
    private var marks: [Mark] = []
    private var step = 1
    private var count = 0
    private var climb: [Double] = []
    private var best: Mark?
    /// In-sample and out-of-sample value of the target of each fold, one after the other.
    public var folds: [Double] = []
    /// Logits of cross-validation.
    public var logits: [Double] = []

    /// Begins with no trials.
    public init(_ axes: [Axis], target: String, isMaximised: Bool) {
        self.axes = axes
        self.target = target
        self.isMaximised = isMaximised
        for x in axes.indices {
            for y in axes.indices where y > x && pairs.count < StudyPictures.pairLimit {
                let size = axes[x].cells * axes[y].cells
                pairs.append(
                    Pair(
                        x: x, y: y, sums: [Double](repeating: 0, count: size),
                        counts: [Int](repeating: 0, count: size)))
            }
        }
    }

    /// Adds a trial: its place in the unit cube and the value of the first target.
    public mutating func add(number: Int, place: [Double], value: Double, isFeasible: Bool) {
        count = max(count, number + 1)
        guard value.isFinite else { return }
        let mark = Mark(number: number, place: place, value: value, isFeasible: isFeasible)
        for index in pairs.indices {
            let cell = self.cell(pairs[index], place)
            pairs[index].sums[cell] += value
            pairs[index].counts[cell] += 1
        }
        if isFeasible, best.map({ isMaximised ? value > $0.value : value < $0.value }) ?? true {
            if let best { climb += [Double(number), best.value] }
            climb += [Double(number), value]
            best = mark
        }
        guard number % step == 0 else { return }
        marks.append(mark)
        if marks.count > StudyPictures.limit {
            step *= 2
            let step = step
            marks.removeAll { $0.number % step != 0 }
        }
    }

    private func cell(_ axis: Axis, _ place: Double) -> Int {
        min(axis.cells - 1, max(0, Int(place * Double(axis.cells))))
    }

    private func cell(_ pair: Pair, _ place: [Double]) -> Int {
        cell(axes[pair.x], place[pair.x]) * axes[pair.y].cells + cell(axes[pair.y], place[pair.y])
    }

    /// What the pictures leave out, in words; empty if nothing.
    public var note: String {
        var parts: [String] = []
        if step > 1 { parts.append("Dots show 1 trial in \(step); heat maps average all.") }
        let all = axes.count * (axes.count - 1) / 2
        if all > pairs.count {
            parts.append("Heat maps show \(pairs.count) of \(all) pairs of parameters.")
        }
        return parts.joined(separator: " ")
    }

    /// Draws the pictures in one gnuplot process; without gnuplot the set says why it is empty.
    public func draw(_ gnuplot: Gnuplot?) -> ChartSet {
        guard !marks.isEmpty else {
            return ChartSet(charts: [], note: "no trial has a value of the target to draw")
        }
        var plans = [history]
        plans += pairs.indices.map(heatMap)
        plans += axes.indices.map(slice)
        if axes.count > 1 { plans.append(parallel) }
        if folds.count > 2 { plans.append(heldOut) }
        if !logits.isEmpty { plans.append(overfitting) }
        return ChartSet.draw(plans, gnuplot)
    }

    private func chart(_ name: String, height: Int, _ layers: [ChartLayer]) -> Chart {
        let panel = ChartPanel(layers: layers, share: 1, scale: .number, unit: "")
        return Chart(name: name, first: 0, last: 0, height: height, panels: [panel])
    }

    private func dots(_ isFeasible: Bool, _ x: (Mark) -> Double) -> ChartLayer {
        ChartLayer(
            shape: .dots(size: marks.count > 2_000 ? 0.25 : 0.6),
            color: isFeasible ? .equity : .benchmark,
            points: marks.filter { $0.isFeasible == isFeasible }.flatMap { [x($0), $0.value] })
    }

    private var history: ChartSet.Plan {
        var line = climb
        if let best { line += [Double(count), best.value] }
        var chart = self.chart(
            "history", height: 320,
            [
                dots(false) { Double($0.number) }, dots(true) { Double($0.number) },
                ChartLayer(shape: .line(width: 2), color: .exitWin, points: line),
            ])
        chart.across = (.number, Double(max(1, count)))
        return ChartSet.Plan(
            title: "History of \(target), by number of the trial",
            legend: [
                (.equity, "Trial"), (.benchmark, "Misses a constraint"),
                (.exitWin, "Best so far"),
            ], chart: chart)
    }

    private func heatMap(_ index: Int) -> ChartSet.Plan {
        let pair = pairs[index]
        let (x, y) = (axes[pair.x], axes[pair.y])
        var means = [Double](repeating: .nan, count: pair.sums.count)
        for cell in means.indices where pair.counts[cell] > 0 {
            means[cell] = pair.sums[cell] / Double(pair.counts[cell])
        }
        let known = means.filter(\.isFinite)
        let (low, high) = (known.min() ?? 0, known.max() ?? 0)
        var levels = [[Double]](repeating: [], count: 9)
        for cell in means.indices where means[cell].isFinite {
            let share = high > low ? (means[cell] - low) / (high - low) : 0.5
            levels[min(8, Int(share * 9))] += [
                (Double(cell / y.cells) + 0.5) / Double(x.cells),
                (Double(cell % y.cells) + 0.5) / Double(y.cells),
            ]
        }
        let shape = ChartLayer.Shape.cells(
            halfWidth: 0.48 / Double(x.cells), halfHeight: 0.48 / Double(y.cells))
        var layers = levels.indices.map {
            ChartLayer(shape: shape, color: .heat($0), points: levels[$0])
        }
        if let best {
            layers.append(
                ChartLayer(
                    shape: .dots(size: 1), color: .exitLoss,
                    points: [best.place[pair.x], best.place[pair.y]]))
        }
        var chart = self.chart("heat\(index)", height: 420, layers)
        chart.across = (.number, 1)
        chart.ticks = x.ticks
        chart.panels[0].range = 0...1
        chart.panels[0].ticks = y.ticks
        let ends = [(ChartColor.heat1, low), (.heat5, (low + high) / 2), (.heat9, high)]
        return ChartSet.Plan(
            title: "Mean of \(target): \(x.name) across, \(y.name) up",
            legend: ends.map { ($0.0, NumberText.fixed($0.1, 3)) } + [(.exitLoss, "Best")],
            chart: chart)
    }

    private func slice(_ index: Int) -> ChartSet.Plan {
        let axis = axes[index]
        var sums = [Double](repeating: 0, count: axis.cells)
        var counts = sums
        for mark in marks {
            let cell = self.cell(axis, mark.place[index])
            sums[cell] += mark.value
            counts[cell] += 1
        }
        let means = sums.indices.filter { counts[$0] > 0 }.flatMap {
            [(Double($0) + 0.5) / Double(axis.cells), sums[$0] / counts[$0]]
        }
        var chart = self.chart(
            "slice\(index)", height: 260,
            [
                dots(false) { $0.place[index] }, dots(true) { $0.place[index] },
                ChartLayer(shape: .line(width: 2), color: .plot1, points: means),
            ])
        chart.across = (.number, 1)
        chart.ticks = axis.ticks
        return ChartSet.Plan(
            title: "\(target) by \(axis.name)",
            legend: [(.equity, "Trial"), (.benchmark, "Misses a constraint"), (.plot1, "Mean")],
            chart: chart)
    }

    private var parallel: ChartSet.Plan {
        let sorted = marks.sorted {
            $0.value != $1.value
                ? ($0.value > $1.value) == isMaximised : $0.number < $1.number
        }
        let top = max(1, sorted.count / 10)
        let others = sorted.dropFirst(top)
        let stride = max(1, others.count / 300)
        let some = others.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        func lines(_ marks: [Mark], _ color: ChartColor, _ width: Double) -> ChartLayer {
            let points = marks.flatMap { mark in
                mark.place.enumerated().flatMap { [Double($0.offset), $0.element] }
                    + [Double.nan, .nan]
            }
            return ChartLayer(shape: .line(width: width), color: color, points: points)
        }
        var chart = self.chart(
            "parallel", height: 320,
            [
                lines(some, .benchmark, 0.3),
                lines(Array(sorted.prefix(min(top, 200))), .equity, 0.8),
                lines(best.map { [$0] } ?? [], .exitLoss, 2.5),
            ])
        chart.across = (.number, Double(axes.count) - 0.9)
        chart.start = -0.1
        chart.ticks = axes.enumerated().map {
            ChartTick(label: String($0.element.name.prefix(16)), place: Double($0.offset))
        }
        chart.panels[0].range = -0.02...1.02
        chart.panels[0].ticks = [ChartTick(label: "", place: 0)]
        return ChartSet.Plan(
            title: "Parallel coordinates, each axis from its least value to its most",
            legend: [(.benchmark, "Others"), (.equity, "Best tenth"), (.exitLoss, "Best")],
            chart: chart)
    }

    private var heldOut: ChartSet.Plan {
        let known = folds.filter(\.isFinite)
        let (low, high) = (known.min() ?? 0, known.max() ?? 1)
        var chart = self.chart(
            "held", height: 380,
            [
                ChartLayer(
                    shape: .line(width: 1.2), color: .benchmark, points: [low, low, high, high]),
                ChartLayer(shape: .dots(size: 0.8), color: .equity, points: folds),
            ])
        let room = max((high - low) * 0.04, 1e-9)
        chart.start = low - room
        chart.across = (.number, high + room)
        return ChartSet.Plan(
            title: "\(target) of each fold's best: in sample across, out of sample up",
            legend: [(.equity, "Fold"), (.benchmark, "Equal")], chart: chart)
    }

    private var overfitting: ChartSet.Plan {
        let known = logits.filter(\.isFinite)
        let end = max(1e-9, known.map(abs).max() ?? 1)
        var bins = [Double](repeating: 0, count: 30)
        for value in known {
            let share = (value + end) / (2 * end)
            bins[min(29, Int(share * 30))] += 1
        }
        var points: [Double] = []
        for index in bins.indices {
            let left = end * (Double(index) / 15 - 1)
            points += [left, bins[index], left + end / 15, bins[index]]
        }
        var chart = self.chart(
            "logits", height: 260,
            [
                ChartLayer(shape: .area, color: .equity, points: points),
                ChartLayer(
                    shape: .line(width: 2), color: .exitLoss,
                    points: [0, 0, 0, bins.max() ?? 1]),
            ])
        chart.start = -end
        chart.across = (.number, end)
        return ChartSet.Plan(
            title: "Logits of cross-validation: left of 0 the choice is below the median",
            legend: [(.equity, "Splits"), (.exitLoss, "Median")], chart: chart)
    }
}
