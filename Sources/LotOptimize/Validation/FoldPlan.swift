public import LotCore

/// The searches of a study: over what each of them chooses, and what its choice is tested on.
public struct FoldPlan: Sendable, Equatable {
    /// What the main search sees, fold 0: its best is what the study recommends.
    public let main: [Segment]
    /// What the best of the main search are run on besides; empty where nothing is held back.
    public let held: [Segment]
    /// The repetitions of the search, numbered from 1.
    public let folds: [Fold]

    /// Cuts a window.
    ///
    /// Stretches begin and end at midnight UTC (at a bar, for bars of a day and longer), so that
    /// day returns are of whole days.
    /// - Parameters:
    ///   - scheme: How.
    ///   - bars: The bars.
    ///   - window: Their rows that the study may use.
    /// - Throws: 64 if the window is too short for the scheme; the message names the flag.
    public init(
        _ scheme: ValidationScheme, bars: Bars, window: Range<Int>
    ) throws(Diagnosis) {
        let cutter = FoldCutter(bars: bars, window: window)
        switch scheme {
        case .none: (main, held, folds) = ([Segment(window)], [], [])
        case .split(let time):
            let row = bars.firstIndex(atOrAfter: time)
            guard row > window.lowerBound, row < window.upperBound else {
                throw FoldPlan.refused(
                    "--split", "\(CivilTime.text(time)) leaves nothing on one side of it",
                    "the window is \(cutter.text)")
            }
            main = [Segment(window.lowerBound..<row)]
            held = [Segment(row..<window.upperBound)]
            folds = []
        case .walkForward(let train, let test, let step, let isAnchored):
            main = [Segment(window)]
            held = []
            folds = try cutter.walk(train, test, step, isAnchored)
        case .crossValidation(let groups, let tested, let purge, let embargo):
            main = [Segment(window)]
            held = []
            folds = try cutter.crossValidate(groups, tested, purge, embargo)
        }
    }

    static func refused(_ flag: String, _ reason: String, _ hint: String) -> Diagnosis {
        Diagnosis(.usage, kind: "usage", subject: flag, reason: reason, hint: hint)
    }

    /// Number of paths through the tested groups of a combinatorial cross-validation: each group is
    /// tested by so many folds; 1 for the others.
    ///
    /// φ = tested / groups · C(groups, tested) (López de Prado 2018, 12.3).
    public static func pathCount(groups: Int, tested: Int) -> Int {
        combinations(groups, tested).count * tested / groups
    }
}

/// Cuts stretches out of a window.
private struct FoldCutter {
    let bars: Bars
    let window: Range<Int>

    var start: Int64 { bars.openTime[window.lowerBound] }
    var end: Int64 { bars.closeTime(window.upperBound - 1) }
    var text: String { "\(CivilTime.text(start)) to \(CivilTime.text(end))" }

    /// Stretches begin at a multiple of this from the epoch.
    private var grain: Int64 { max(millisecondsPerDay, bars.interval.milliseconds) }

    /// The midnight at or before a time, but never before the window.
    private func aligned(_ time: Int64) -> Int64 {
        let (days, rest) = time.quotientAndRemainder(dividingBy: millisecondsPerDay)
        return max(start, (rest < 0 ? days - 1 : days) * millisecondsPerDay)
    }

    /// The rows of a stretch of time; `nil` if there are none.
    private func segment(_ from: Int64, _ to: Int64) -> Segment? {
        let first = max(window.lowerBound, bars.firstIndex(atOrAfter: from))
        let last = min(window.upperBound, bars.firstIndex(atOrAfter: to))
        return first < last ? Segment(first..<last) : nil
    }

    func walk(
        _ train: Int64, _ test: Int64, _ step: Int64, _ isAnchored: Bool
    ) throws(Diagnosis) -> [Fold] {
        var folds: [Fold] = []
        var from = start
        while true {
            let middle = aligned(from + train)
            guard middle < end else { break }
            // What is left over is tested too if it is at least half a test.
            let stop = aligned(middle + test)
            guard min(stop, end) - middle >= test / 2 else { break }
            if let seen = segment(isAnchored ? start : from, middle),
                let tested = segment(middle, stop)
            {
                folds.append(Fold(number: folds.count + 1, train: [seen], test: [tested]))
            }
            from += step
        }
        guard !folds.isEmpty else {
            throw FoldPlan.refused(
                "--walk-forward", "the window is too short for one stretch and its test",
                "the window is \(text)")
        }
        return folds
    }

    func crossValidate(
        _ groups: Int, _ tested: Int, _ purge: Int64, _ embargo: Int64
    ) throws(Diagnosis) -> [Fold] {
        let length = (end - start) / Int64(groups)
        guard length >= grain else {
            throw FoldPlan.refused(
                "--folds", "the window is too short for \(groups) groups of a day or more",
                "the window is \(text)")
        }
        var edges = (0...groups).map { aligned(start + length * Int64($0)) }
        edges[groups] = end
        var folds: [Fold] = []
        for held in combinations(groups, tested) {
            let train = trained(edges, held, purge, embargo)
            let test = held.compactMap { segment(edges[$0], edges[$0 + 1]) }
            guard !train.isEmpty, test.count == tested else {
                throw FoldPlan.refused(
                    "--folds", "--purge and --embargo leave nothing to train on",
                    "make them shorter, or use fewer groups")
            }
            folds.append(Fold(number: folds.count + 1, train: train, test: test))
        }
        return folds
    }

    /// The stretches between those that are held back, less what stands too near to them.
    private func trained(
        _ edges: [Int64], _ held: [Int], _ purge: Int64, _ embargo: Int64
    ) -> [Segment] {
        let groups = edges.count - 1
        var segments: [Segment] = []
        var group = 0
        while group < groups {
            guard !held.contains(group) else {
                group += 1
                continue
            }
            let first = group
            while group < groups, !held.contains(group) { group += 1 }
            let from = edges[first] + (first > 0 ? embargo : 0)
            let to = edges[group] - (group < groups ? purge : 0)
            if from < to, let segment = segment(from, to) { segments.append(segment) }
        }
        return segments
    }
}

/// All choices of `count` of the numbers below `total`, in lexicographic order.
func combinations(_ total: Int, _ count: Int) -> [[Int]] {
    guard count > 0, count <= total else { return [] }
    var result: [[Int]] = []
    var choice = Array(0..<count)
    while true {
        result.append(choice)
        guard let place = (0..<count).last(where: { choice[$0] < total - count + $0 }) else {
            return result
        }
        choice[place] += 1
        for next in (place + 1)..<max(place + 1, count) { choice[next] = choice[next - 1] + 1 }
    }
}
