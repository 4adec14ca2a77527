public import LotCore
import LotMath

/// What was cut away from a run to check it.
public enum CheckKind: String, Sendable, Hashable, CaseIterable {
    /// Nothing: the same run again.
    case again
    /// The bars from some row on: what had been decided before must stay as it was.
    case end
    /// The bars before some row: once the series have settled, decisions must be the same.
    case start
    /// No bars: the script begins to decide at a later row.
    case late
}

/// What one re-run showed.
public struct CheckFinding: Sendable, Hashable {
    /// How it ended.
    public enum Verdict: Sendable, Hashable {
        /// The same decisions; for `start` and `late` from this time on.
        case same(from: Int64)
        /// Nothing could be compared, and why.
        case notJudged(String)
        /// The first difference.
        case differs(RunDifference)
    }

    /// What was cut away.
    public var kind: CheckKind
    /// Where: the open time of the first bar without which, or with which, it ran.
    public var time: Int64
    /// Bars between the cut and the first decision that was compared.
    public var settlingBars: Int
    /// Whether the series were the same by then, whatever lay before the cut.
    public var isSettled = true
    /// Decisions that hung on the last digit of a number, after which both runs began anew.
    public var lastDigits = 0
    /// Bars between a cut at the start and the first difference; 0 if there is none.
    public var distance = 0
    /// How it ended.
    public var verdict: Verdict
}

/// What `checkHonesty` proved, or the differences it found.
public struct CheckReport: Sendable {
    /// The re-runs in a fixed order: by kind, then by time.
    public var findings: [CheckFinding]
    /// Rows that every series needs before its first value, as declared.
    public var warmUp: Int
    /// Rows before the first decision of the checked run.
    public var history: Int

    /// Whether the strategy is one of rules, which keep nothing from bar to bar.
    public var hasRules: Bool

    /// Whether no re-run decided anything else.
    public var isPassed: Bool { firstDifference == nil }

    /// The first finding that says no.
    public var firstDifference: (CheckFinding, RunDifference)? {
        for finding in findings {
            if case .differs(let difference) = finding.verdict { return (finding, difference) }
        }
        return nil
    }

    /// Rows after which the series no longer depend on where the data begin, the most that any
    /// cut needed.
    public var settlingBars: Int {
        findings.filter { $0.kind == .start }.map(\.settlingBars).max() ?? warmUp
    }
}

/// Re-runs a strategy on truncated data and compares what it decided.
///
/// Four things are shown, each by whole runs: a second run is the same; a run that ends earlier is
/// the same up to its end, bit for bit, so nothing decided depends on what came later; a run whose
/// data begin later decides the same once its series have settled, so the warm-up is long enough;
/// a run that starts deciding later comes to decide the same, so nothing but the account and the
/// last trade is carried along in the script's state.
///
/// - Parameters:
///   - input: The run to check.
///   - threads: Threads to use; the report does not depend on it.
///   - makeStrategy: Makes a fresh strategy; called once for each run, on any thread.
/// - Returns: What each re-run showed.
/// - Throws: What a run throws, of several the first in order.
/// - Complexity: About 30 runs.
public func checkHonesty(
    _ input: BacktestInput, threads: Int,
    makeStrategy: @escaping @Sendable () throws(Diagnosis) -> any Strategy
) throws(Diagnosis) -> CheckReport {
    let strategy = try makeStrategy()
    let program = strategy.program
    let full = try runBacktest(strategy, input)
    let check = HonestyCheck(
        input: input, full: full, makeStrategy: makeStrategy)
    let cuts = CheckCuts(full, window: input.window, tile: tileCapacity)
    let tasks: [(CheckKind, Int)] =
        [(.again, input.window.upperBound)] + cuts.ends.map { (.end, $0) }
        + cuts.starts.map { (.start, $0) } + cuts.starts.map { (.late, $0) }
    let results = ParallelRunner(threads: threads).run(count: tasks.count) { index in
        Result { () throws(Diagnosis) in try check.finding(tasks[index].0, tasks[index].1) }
    }
    var findings: [CheckFinding] = []
    for result in results { if let result { findings.append(try result.get()) } }
    return CheckReport(
        findings: findings, warmUp: program.firstRow(over: input.bars, input.sources),
        history: min(full.firstDecisionRow, input.window.upperBound),
        hasRules: strategy is RuleStrategy)
}

extension Bars {
    /// The newest row that has closed by `time`; -1 before the first.
    func newestRow(closedBy time: Int64) -> Int {
        firstIndex(atOrAfter: time - interval.milliseconds + 1) - 1
    }
}

/// One check: the run, its outcome, and how to run it again.
private struct HonestyCheck: Sendable {
    let input: BacktestInput
    let full: BacktestOutcome
    let makeStrategy: @Sendable () throws(Diagnosis) -> any Strategy

    func finding(_ kind: CheckKind, _ row: Int) throws(Diagnosis) -> CheckFinding {
        switch kind {
        case .again, .end: try pastFinding(kind, row)
        case .start: try startFinding(row)
        case .late: try lateFinding(row)
        }
    }

    /// The run again over what came before `end`.
    private func pastFinding(_ kind: CheckKind, _ end: Int) throws(Diagnosis) -> CheckFinding {
        let lower = input.window.lowerBound
        let cut = try run(input.ending(before: end))
        let difference =
            kind == .again
            ? sameRun(cut)
            : PastComparison(full: full, cut: cut, bars: input.bars, end: end).firstDifference()
        let time = input.bars.openTime[end - 1] + input.bars.interval.milliseconds
        return CheckFinding(
            kind: kind, time: time, settlingBars: 0,
            verdict: difference.map { .differs($0) }
                ?? .same(from: input.bars.openTime[lower]))
    }

    private func sameRun(_ other: BacktestOutcome) -> RunDifference? {
        let past = PastComparison(
            full: full, cut: other, bars: input.bars, end: input.window.upperBound)
        if let difference = past.firstDifference() { return difference }
        guard full.orders != other.orders || full.finalEquity != other.finalEquity else {
            return nil
        }
        return RunDifference(
            time: input.bars.closeTime(input.window.upperBound - 1), what: "equity",
            expected: "\(full.finalEquity)", found: "\(other.finalEquity)")
    }

    /// Two runs that start to decide at one row: with all the history, and with that from
    /// `start` on.
    private func startFinding(_ start: Int) throws(Diagnosis) -> CheckFinding {
        let end = input.window.upperBound
        let late = input.beginning(at: start, window: start..<end)
        // Of its own: a function of the script belongs to one strategy, which has one thread.
        let program = try makeStrategy().program
        let settled = try SettlingTime.settledRows(
            program, StoredSources(input.bars, input.sources),
            StoredSources(late.bars, late.sources), start: start, end: end)
        let warm = min(end - 1, start + program.firstRow(over: late.bars, late.sources))
        // Without a quarter of the rest left to compare, the series never settle for this run.
        let latest = start + (end - start) * 3 / 4
        let isSettled = settled.numbers <= latest
        let first = isSettled ? max(warm, settled.numbers) : warm
        let stored = input.bars
        let comparison = StartComparison(
            first: stored.openTime[first], latest: stored.openTime[latest],
            conditions: settled.conditions < end ? stored.openTime[settled.conditions] : .max,
            length: stored.interval.milliseconds)
        let (verdict, places) = try comparison.verdict(isSettled: isSettled) {
            (time) throws(Diagnosis) in
            try difference(from: stored.firstIndex(atOrAfter: time), without: start)
        } hangs: { (time) throws(Diagnosis) in
            try LastDigit.decides(
                try makeStrategy().program, StoredSources(input.bars, input.sources),
                StoredSources(late.bars, late.sources), start: start,
                row: stored.newestRow(closedBy: time), since: settled.numbers)
        }
        var finding = CheckFinding(
            kind: .start, time: stored.openTime[start], settlingBars: first - start,
            isSettled: isSettled, lastDigits: places, verdict: verdict)
        if case .differs(let difference) = verdict {
            finding.distance = stored.firstIndex(atOrAfter: difference.time) - start
        }
        return finding
    }

    /// What differs between the runs that decide from `first` on, with and without the bars before
    /// `start`.
    private func difference(from first: Int, without start: Int) throws(Diagnosis) -> RunDifference?
    {
        let end = input.window.upperBound
        let one = try run(over: first..<end)
        let other = try run(input.beginning(at: start, window: first..<end))
        return RunShift(rows: start, length: input.bars.interval.milliseconds)
            .difference(one, other)
    }

    /// The run with its first decision at `start`.
    private func lateFinding(_ start: Int) throws(Diagnosis) -> CheckFinding {
        let end = input.window.upperBound
        let late = try run(over: start..<end)
        let comparison = DecisionComparison(
            times: input.bars.openTime, length: input.bars.interval.milliseconds, full: full,
            late: late,
            start: max(late.firstDecisionRow, full.firstDecisionRow), end: end)
        var finding = CheckFinding(
            kind: .late, time: input.bars.openTime[start], settlingBars: 0,
            verdict: .notJudged("the two runs were never flat at the same time"))
        switch comparison.verdict() {
        case .same(let row):
            finding.verdict = .same(from: input.bars.closeTime(row))
            finding.settlingBars = row - start
        case .neverMet: break
        case .differs(let difference): finding.verdict = .differs(difference)
        }
        return finding
    }

    private func run(over window: Range<Int>) throws(Diagnosis) -> BacktestOutcome {
        var input = input
        input.window = window
        return try run(input)
    }

    private func run(_ input: BacktestInput) throws(Diagnosis) -> BacktestOutcome {
        try runBacktest(try makeStrategy(), input)
    }
}
