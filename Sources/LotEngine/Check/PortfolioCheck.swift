public import LotCore
import LotMath

/// Re-runs the strategies of several symbols on truncated data and compares what they decided.
///
/// The same four things are shown as for one symbol, each by whole runs over the one account: a
/// second run is the same; a run that ends earlier is the same up to its end, bit for bit; a run
/// whose data begin later decides the same once the series of every symbol have settled; a run
/// that starts deciding later comes to decide the same.
///
/// - Parameters:
///   - input: The run to check.
///   - threads: Threads to use; the report does not depend on it.
///   - makeStrategies: Makes fresh strategies in the order of the symbols; called once for each
///     run, on any thread.
/// - Returns: What each re-run showed.
/// - Throws: What a run throws, of several the first in order.
/// - Complexity: About 30 runs.
public func checkHonesty(
    _ input: PortfolioInput, threads: Int,
    makeStrategies: @escaping @Sendable () throws(Diagnosis) -> [any Strategy]
) throws(Diagnosis) -> CheckReport {
    let strategies = try makeStrategies()
    let warmUp = strategies.map(\.program.warmUp).max() ?? 0
    let full = try runPortfolio(strategies, input)
    let check = PortfolioCheck(input: input, full: full, makeStrategies: makeStrategies)
    let (ends, starts) = check.cuts()
    let tasks: [(CheckKind, Int64)] =
        [(.again, 0)] + ends.map { (.end, $0) } + starts.map { (.start, $0) }
        + starts.map { (.late, $0) }
    let results = ParallelRunner(threads: threads).run(count: tasks.count) { index in
        Result { () throws(Diagnosis) in
            switch tasks[index].0 {
            case .again: try check.again()
            case .end: try check.cut(before: tasks[index].1)
            case .start: try check.start(at: tasks[index].1)
            case .late: try check.late(from: tasks[index].1)
            }
        }
    }
    var findings: [CheckFinding] = []
    for result in results { if let result { findings.append(try result.get()) } }
    return CheckReport(
        findings: findings, warmUp: warmUp, history: full.account.firstDecisionRow,
        hasRules: strategies.allSatisfy { $0 is RuleStrategy })
}

/// One check: the run, its outcome, and how to run it again.
struct PortfolioCheck: Sendable {
    let input: PortfolioInput
    let full: PortfolioOutcome
    let makeStrategies: @Sendable () throws(Diagnosis) -> [any Strategy]

    /// The times at which any symbol has a bar: the rows of the account.
    let times: Column<Int64>

    /// Differences name their symbol.
    var words: RunWords { RunWords(names: input.symbols.map(\.name)) }

    init(
        input: PortfolioInput, full: PortfolioOutcome,
        makeStrategies: @escaping @Sendable () throws(Diagnosis) -> [any Strategy]
    ) {
        self.input = input
        self.full = full
        self.makeStrategies = makeStrategies
        var steps = OpenTimes(input)
        var times: [Int64] = []
        while let time = steps.next() { times.append(time) }
        self.times = Column(times)
    }

    /// The times before which runs are cut, and those that they are cut off at the start, rising:
    /// where a run over one symbol is cut.
    func cuts() -> (ends: [Int64], starts: [Int64]) {
        var account = full.account
        for index in account.trades.indices {
            account.trades[index].entryRow = place(of: account.trades[index].entryTime)
            account.trades[index].exitRow = place(of: account.trades[index].exitTime)
        }
        let cuts = CheckCuts(account, window: 0..<times.count, tile: tileCapacity)
        return (
            cuts.ends.map { times[$0] }.filter { isClean($0) }, cuts.starts.map { times[$0] }
        )
    }

    /// Whether every symbol that goes on has a bar that closes at `time`: one that has a gap there
    /// would be closed too early by a run that does not know how it goes on.
    private func isClean(_ time: Int64) -> Bool {
        input.symbols.allSatisfy { symbol in
            let next = symbol.bars.firstIndex(atOrAfter: time)
            let window = symbol.window
            guard next > window.lowerBound, next < window.upperBound else { return true }
            return symbol.bars.closeTime(next - 1) == time
        }
    }

    /// The first row of the account at `time` or later.
    func place(of time: Int64) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = low + (high - low) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The same run once more.
    func again() throws(Diagnosis) -> CheckFinding {
        let other = try runPortfolio(try makeStrategies(), input)
        let end = full.account.equity.curve.last?.time ?? 0
        let comparison = PastComparison(
            full: full.account, cut: other.account, lastOpen: .max, lastClose: .max, words: words)
        var difference = comparison.firstDifference()
        if difference == nil, full.account.finalEquity != other.account.finalEquity {
            difference = RunDifference(
                time: end, what: "equity", expected: "\(full.account.finalEquity)",
                found: "\(other.account.finalEquity)")
        }
        return finding(.again, end, difference)
    }

    /// The run as if nothing had been stored from `time` on.
    func cut(before time: Int64) throws(Diagnosis) -> CheckFinding {
        let cut = try runPortfolio(try makeStrategies(), input.ending(before: time))
        let interval = input.interval.milliseconds
        var found: [RunDifference?] = []
        // Each symbol's orders and trades by its own last bar, the account by the last of all.
        for (index, symbol) in input.symbols.enumerated() {
            let end = min(symbol.bars.firstIndex(atOrAfter: time), symbol.window.upperBound)
            guard end > symbol.window.lowerBound else { continue }
            found.append(
                PastComparison(
                    full: full.part(index), cut: cut.part(index), bars: symbol.bars, end: end,
                    words: words
                ).firstDifference())
        }
        found.append(
            PastComparison(
                full: full.shared, cut: cut.shared, lastOpen: time - interval, lastClose: time
            ).firstDifference())
        return finding(.end, time, RunDifference.first(found))
    }

    private func finding(
        _ kind: CheckKind, _ time: Int64, _ difference: RunDifference?
    ) -> CheckFinding {
        let first = full.account.equity.curve.first?.time ?? 0
        return CheckFinding(
            kind: kind, time: time, settlingBars: 0,
            verdict: difference.map { .differs($0) } ?? .same(from: first))
    }
}

extension PortfolioOutcome {
    /// One symbol's orders and trades, without what the account has in common.
    func part(_ symbol: Int) -> BacktestOutcome {
        var part = account
        part.orders.removeAll { $0.symbol != symbol }
        part.trades.removeAll { $0.symbol != symbol }
        part.notes.log = []
        part.equity = EquityRecorder(part.equity.tracker, bars: 0)
        return part
    }

    /// The account's equity and log.
    fileprivate var shared: BacktestOutcome {
        var shared = account
        shared.orders = []
        shared.trades = []
        return shared
    }
}
