import LotCore
import LotMath

/// What depends on where the data of several symbols begin, and the run over them.
extension PortfolioCheck {
    /// Open times from which on nothing of any symbol depends on where the data begin.
    private struct Settling {
        /// Every series that was cut has a value.
        var warm: Int64
        /// Every number is the same.
        var numbers: Int64
        /// Every condition too.
        var conditions: Int64
    }

    /// Two runs that start to decide at one time: with all the history, and with that from `time`
    /// on.
    func start(at time: Int64) throws(Diagnosis) -> CheckFinding {
        let settled = try settling(time)
        let place = place(of: time)
        let latest = times[place + (times.count - 1 - place) * 3 / 4]
        let isSettled = settled.numbers <= latest
        let first = isSettled ? max(settled.warm, settled.numbers) : settled.warm
        let comparison = StartComparison(
            first: first, latest: latest, conditions: max(settled.warm, settled.conditions),
            length: input.interval.milliseconds)
        let (verdict, places) = try comparison.verdict(isSettled: isSettled) {
            (from) throws(Diagnosis) in
            try difference(from: from, without: time)
        } hangs: { (close) throws(Diagnosis) in
            try hangsOnLastDigit(at: close, without: time, since: settled.numbers)
        }
        var finding = CheckFinding(
            kind: .start, time: time, settlingBars: self.place(of: first) - place,
            isSettled: isSettled, lastDigits: places, verdict: verdict)
        if case .differs(let difference) = verdict {
            finding.distance = self.place(of: difference.time) - place
        }
        return finding
    }

    /// Whether what any symbol decides at a close hangs on the last digit of a number, with and
    /// without what was stored before `time`.
    private func hangsOnLastDigit(
        at close: Int64, without time: Int64, since settled: Int64
    ) throws(Diagnosis) -> Bool {
        let strategies = try makeStrategies()
        let late = input.beginning(at: time, from: time)
        for (index, symbol) in input.symbols.enumerated() {
            let (bars, own) = (symbol.bars, late.symbols[index])
            let row = bars.newestRow(closedBy: close)
            guard symbol.window.contains(row), bars.openTime[row] >= settled else { continue }
            if try LastDigit.decides(
                strategies[index].program, StoredSources(bars, symbol.sources),
                StoredSources(own.bars, own.sources), start: bars.count - own.bars.count,
                row: row, since: bars.firstIndex(atOrAfter: settled))
            {
                return true
            }
        }
        return false
    }

    /// Measures for every symbol how long its series depend on what was stored before `time`.
    private func settling(_ time: Int64) throws(Diagnosis) -> Settling {
        // Of its own: a function of the script belongs to one strategy, which has one thread.
        let strategies = try makeStrategies()
        let late = input.beginning(at: time, from: time)
        var result = Settling(warm: time, numbers: time, conditions: time)
        for (index, symbol) in input.symbols.enumerated() {
            let (own, program) = (late.symbols[index], strategies[index].program)
            guard !own.window.isEmpty else { continue }
            let (start, end) = (symbol.bars.count - own.bars.count, symbol.window.upperBound)
            let warm = start + program.firstRow(over: own.bars, own.sources)
            // A symbol that begins later has lost nothing, and sets no bound.
            if warm != program.firstRow(over: symbol.bars, symbol.sources) {
                result.warm = max(result.warm, symbol.bars.openTime[min(end - 1, warm)])
            }
            let settled = try SettlingTime.settledRows(
                program, StoredSources(symbol.bars, symbol.sources),
                StoredSources(own.bars, own.sources), start: start, end: end)
            func openTime(_ row: Int) -> Int64 {
                row == start ? time : row < end ? symbol.bars.openTime[row] : .max
            }
            result.numbers = max(result.numbers, openTime(settled.numbers))
            result.conditions = max(result.conditions, openTime(settled.conditions))
        }
        return result
    }

    /// What differs between the runs that decide from `first` on, with and without what was
    /// stored before `time`.
    private func difference(
        from first: Int64, without time: Int64
    ) throws(Diagnosis) -> RunDifference? {
        let inputs = [Int64.min, time].map { input.beginning(at: $0, from: first) }
        let one = try runPortfolio(try makeStrategies(), inputs[0])
        let other = try runPortfolio(try makeStrategies(), inputs[1])
        return RunDifference.first(
            input.symbols.indices.map { index in
                let rows =
                    inputs[0].symbols[index].bars.count - inputs[1].symbols[index].bars.count
                let shift = RunShift(rows: rows, length: input.interval.milliseconds, words: words)
                return shift.difference(one.part(index), other.part(index))
            })
    }

    /// The run with its first decision at `time`.
    func late(from time: Int64) throws(Diagnosis) -> CheckFinding {
        let late = try runPortfolio(try makeStrategies(), input.beginning(at: .min, from: time))
        var finding = CheckFinding(
            kind: .late, time: time, settlingBars: 0,
            verdict: .notJudged("the two runs were never flat at the same time"))
        var met = time
        for (comparison, name) in comparisons(late, from: time) {
            switch comparison.verdict() {
            case .same(let row): met = max(met, comparison.times[row])
            case .neverMet:
                if let name {
                    finding.verdict = .notJudged("\(name) was never flat in both runs at once")
                }
                return finding
            case .differs(let difference):
                finding.verdict = .differs(difference)
                return finding
            }
        }
        finding.settlingBars = place(of: met) - place(of: time)
        finding.verdict = .same(from: met + input.interval.milliseconds)
        return finding
    }

    /// What is compared of a run that starts at `time`: each symbol alone, or the account, where
    /// what one symbol may buy hung on what others held.
    private func comparisons(
        _ late: PortfolioOutcome, from time: Int64
    ) -> [(DecisionComparison, name: String?)] {
        let length = input.interval.milliseconds
        var start = time
        var own: [(DecisionComparison, String?)] = []
        for (index, symbol) in input.symbols.enumerated() {
            let (bars, end) = (symbol.bars, symbol.window.upperBound)
            let first = max(
                symbol.window.lowerBound, bars.firstIndex(atOrAfter: time),
                full.symbols[index].firstDecisionRow)
            guard first < end else { continue }
            if bars.openTime[symbol.window.lowerBound] < time {
                start = max(start, bars.openTime[first])
            }
            own.append(
                (
                    DecisionComparison(
                        times: bars.openTime, length: length, full: full.part(index),
                        late: late.part(index), start: first, end: end, words: words),
                    symbol.name
                ))
        }
        guard full.isAccountInTheWay || late.isAccountInTheWay else { return own }
        let place = place(of: start)
        return [
            (
                DecisionComparison(
                    times: times, length: length, full: full.account, late: late.account,
                    start: place, end: times.count, words: words), nil
            )
        ]
    }
}

extension PortfolioOutcome {
    /// Whether an order came to nothing, or a position was lost, for what other symbols held.
    fileprivate var isAccountInTheWay: Bool {
        let reasons: [Rejection] = [
            .insufficientCash, .maxOpenPositions, .zeroQuantity, .belowMinQuantity,
            .belowMinNotional,
        ]
        return account.counters.liquidations > 0
            || reasons.contains { account.counters.rejections[$0.text] != nil }
    }
}
