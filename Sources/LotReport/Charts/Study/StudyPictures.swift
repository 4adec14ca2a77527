import LotCore

/// Gathers the trials of a study, one by one, and plans its pictures.
///
/// Heat maps, means, bests and fronts count every trial; dots are thinned to at most ``limit``: a
/// half, a quarter, an eighth … of them, by lots that the trials' numbers decide. (Each second,
/// fourth, eighth number would show one value only of a grid's last parameter.) Memory does not
/// grow with the trials, but for the points of the fronts and of the history's line, which are
/// few of any many.
public struct StudyPictures: Sendable {
    /// What the study looks for.
    public struct Target: Sendable {
        let name: String
        let isMaximised: Bool

        /// Names a target.
        public init(_ name: String, isMaximised: Bool) {
            self.name = name
            self.isMaximised = isMaximised
        }
    }

    /// What a study's choices were worth on the data that they were made on, and on others.
    public struct Held: Sendable {
        /// In sample, out of sample; the first is that of the best where ``hasBest``.
        public var pairs: [(Double, Double)]
        /// What a pair is: `fold`, `trial`.
        public var noun: String
        /// Whether the first pair is the best of the study.
        public var hasBest: Bool
        /// Rank correlation of the two; `nil` where it is undefined.
        public var correlation: Double?

        /// Gathers pairs.
        public init(
            _ pairs: [(Double, Double)], noun: String, hasBest: Bool, correlation: Double?
        ) {
            self.pairs = pairs
            self.noun = noun
            self.hasBest = hasBest
            self.correlation = correlation
        }
    }

    /// The account over resamples of the best trial's days or trades.
    public struct Fan: Sendable {
        /// Steps passed, the account's 5 %, 50 % and 95 % quantile, and that of the run itself.
        public typealias Point = (
            step: Int, low: Double, median: Double, high: Double, actual: Double
        )
        let name: String
        let title: String
        let points: [Point]

        /// Names a fan.
        public init(_ name: String, title: String, points: [Point]) {
            self.name = name
            self.title = title
            self.points = points
        }
    }

    struct Pair {
        let x: Int
        let y: Int
        var sums: [Double]
        var counts: [Int]
        /// Trials that miss a constraint.
        var missed: [Int]
    }

    struct Column {
        var sum = 0.0
        var count = 0
        var best = Double.nan
    }

    struct Mark {
        var number: Int
        var place: [Double]
        var values: [Double]
        var isFeasible: Bool

        var value: Double { values[0] }
    }

    /// Most dots of a picture, most heat maps, most lines of the best.
    static let limit = 4_000
    static let pairLimit = 15
    static let leaderLimit = 200

    let axes: [StudyAxis]
    let targets: [Target]
    var pairs: [Pair] = []
    var columns: [[Column]]
    var marks: [Mark] = []
    var step = 1
    var count = 0
    var feasible = 0
    /// The best so far: number and value, one after the other.
    var climb: [Double] = []
    /// The best that meet every constraint, best first.
    var leaders: [Mark] = []
    /// The front of the first target and each other one.
    var fronts: [StudyFront]
    /// Choices in sample and out of sample.
    public var held: Held?
    /// Logits of cross-validation, and the share of them that is not above 0.
    public var logits: [Double] = []
    /// What the resamples of the best did.
    public var fans: [Fan] = []

    var best: Mark? { leaders.first }
    var target: Target { targets[0] }

    /// Begins with no trials.
    ///
    /// - Precondition: There is a target.
    public init(_ axes: [StudyAxis], targets: [Target]) {
        precondition(!targets.isEmpty, "a study has a target")
        self.axes = axes
        self.targets = targets
        columns = axes.map { [Column](repeating: Column(), count: $0.cells) }
        fronts = targets.dropFirst().map {
            StudyFront(isMaximised: (targets[0].isMaximised, $0.isMaximised))
        }
        for x in axes.indices {
            for y in axes.indices where y > x && pairs.count < StudyPictures.pairLimit {
                let none = [Int](repeating: 0, count: axes[x].cells * axes[y].cells)
                let sums = [Double](repeating: 0, count: none.count)
                pairs.append(Pair(x: x, y: y, sums: sums, counts: none, missed: none))
            }
        }
    }

    /// Adds a trial: its place in the unit cube and the value of each target.
    public mutating func add(
        number: Int, place: [Double], values: [Double], isFeasible: Bool
    ) {
        count = max(count, number + 1)
        guard values[0].isFinite else { return }
        let mark = Mark(number: number, place: place, values: values, isFeasible: isFeasible)
        for index in pairs.indices {
            let pair = pairs[index]
            let cell =
                axes[pair.x].cell(place[pair.x]) * axes[pair.y].cells
                + axes[pair.y].cell(place[pair.y])
            guard isFeasible else {
                pairs[index].missed[cell] += 1
                continue
            }
            pairs[index].sums[cell] += values[0]
            pairs[index].counts[cell] += 1
        }
        if isFeasible { addFeasible(mark) }
        guard isDrawn(number) else { return }
        marks.append(mark)
        if marks.count > StudyPictures.limit {
            step *= 2
            marks = marks.filter { isDrawn($0.number) }
        }
    }

    /// Whether a trial is among the dots: one in ``step``, the same on every machine.
    private func isDrawn(_ number: Int) -> Bool {
        Xoshiro256.mix(UInt64(bitPattern: Int64(number))) % UInt64(step) == 0
    }

    private mutating func addFeasible(_ mark: Mark) {
        feasible += 1
        for index in axes.indices {
            let cell = axes[index].cell(mark.place[index])
            columns[index][cell].sum += mark.value
            columns[index][cell].count += 1
            if !(isBetter(columns[index][cell].best, mark.value)) {
                columns[index][cell].best = mark.value
            }
        }
        for index in fronts.indices {
            fronts[index].add(mark.values[0], mark.values[index + 1])
        }
        if best.map({ isBetter(mark.value, $0.value) }) ?? true {
            if let best { climb += [Double(mark.number), best.value] }
            climb += [Double(mark.number), mark.value]
        }
        if leaders.count == StudyPictures.leaderLimit {
            guard let last = leaders.last, isBetter(mark.value, last.value) else { return }
            leaders.removeLast()
        }
        let place = leaders.firstIndex { isBetter(mark.value, $0.value) } ?? leaders.count
        leaders.insert(mark, at: place)
    }

    /// Whether a value of the first target is better than another; never, if it is none.
    private func isBetter(_ value: Double, _ other: Double) -> Bool {
        target.isMaximised ? value > other : value < other
    }

    /// What the pictures leave out, in words; empty if nothing.
    public var note: String {
        var parts: [String] = []
        if step > 1 {
            parts.append(
                "Dots show about 1 trial in \(step); heat maps, means and bests are of all trials.")
        }
        let all = axes.count * (axes.count - 1) / 2
        if best == nil, all > 0 {
            parts.append("Heat maps and parallel coordinates show trials that may be chosen: none.")
        } else if all > pairs.count {
            parts.append("Heat maps show \(pairs.count) of \(all) pairs of parameters.")
        }
        return parts.joined(separator: " ")
    }

    /// Draws the pictures in one gnuplot process; without gnuplot the set says why it is empty.
    public func draw(_ gnuplot: Gnuplot?) -> ChartSet {
        guard !marks.isEmpty || best != nil else {
            return ChartSet(charts: [], note: "no trial has a value of the target to draw")
        }
        return ChartSet.draw(plans, gnuplot)
    }

    /// Every picture, top to bottom.
    var plans: [ChartSet.Plan] {
        var plans = [history]
        plans += fronts.indices.map(front)
        plans += halves(
            [held.flatMap(heldOut), overfitting].compactMap(\.self)
                + fans.filter { $0.points.count > 1 }.map(fan))
        if best != nil { plans += halves(pairs.indices.map(heatMap)) }
        plans += halves(axes.indices.map(slice))
        if axes.count > 1, best != nil { plans.append(parallel) }
        return plans
    }

    /// Pictures of a kind stand two beside each other; the last of an odd number is as wide as two.
    private func halves(_ plans: [ChartSet.Plan]) -> [ChartSet.Plan] {
        plans.enumerated().map { index, plan in
            var plan = plan
            plan.chart.isHalf = plans.count % 2 == 0 || index < plans.count - 1
            return plan
        }
    }

    func chart(_ name: String, height: Int, _ layers: [ChartLayer]) -> Chart {
        let panel = ChartPanel(layers: layers, share: 1, scale: .number, unit: "")
        return Chart(name: name, first: 0, last: 0, height: height, panels: [panel])
    }

    /// Dots of trials, those that miss a constraint below the others.
    func dots(_ place: (Mark) -> (Double, Double)) -> [ChartLayer] {
        [false, true].map { isFeasible in
            let some = marks.filter { $0.isFeasible == isFeasible }.map(place)
            return ChartLayer(
                shape: .dots(size: marks.count > 1_000 ? 0.3 : 0.5),
                color: isFeasible ? .equity : .benchmark, points: some.flatMap { [$0.0, $0.1] })
        }
    }

    /// What the dots' colours mean.
    var dotLegend: [(color: ChartColor, label: String)] {
        let kinds: [(Bool, ChartColor, String)] = [
            (true, .equity, "Trial"), (false, .benchmark, "Misses a constraint"),
        ]
        return kinds.filter { kind in marks.contains { $0.isFeasible == kind.0 } }
            .map { ($0.1, $0.2) }
    }
}
