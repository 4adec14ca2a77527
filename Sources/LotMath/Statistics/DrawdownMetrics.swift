import LotCore

/// Metrics of falls below the running peak.
///
/// - `max_drawdown = max over t of (1 − E[t] / max(E[0…t]))` over *every bar's close* (Magdon-
///   Ismail and Atiya, "Maximum Drawdown", Risk 17(10), 2004, pp. 99-102). 0 for a curve that
///   never falls.
/// - Episodes are taken from the equity at day closes, beginning with the starting cash; one that
///   has not recovered ends at the last close. `avg_drawdown` is the mean of their depths;
///   the durations run from the peak to the recovery, less what lies between the stretches of a
///   joined run. All are null without an episode.
///
/// With D the fraction below the highest close so far at each day's close:
///
/// - `ulcer_index = √(mean(D²))`, and `ulcer_performance = annual_return / ulcer_index` (Martin and
///   McCann, "The Investor's Guide to Fidelity Funds", 1989).
/// - `serenity = Σ r / (ulcer_index · pitfall)` with `pitfall = mean(D where D ≥ q(0.95) of D) /
///   sd(r)` (KeyQuant, "Introducing the Serenity Ratio", 2014, with historical tails as here).
/// - `recovery_factor = total_return / max_drawdown`.
/// - `underwater_time`: the share of days that close below the peak.
///
/// - Complexity: O(days).
enum DrawdownMetrics {
    static let definitions = [
        MetricDefinition(
            "max_drawdown", "Max drawdown", .fraction,
            "max over every bar's close of 1 - E / running peak",
            source: "Magdon-Ismail and Atiya 2004"),
        MetricDefinition(
            "avg_drawdown", "Avg drawdown", .fraction, "mean depth of the episodes",
            undefinedWhen: "no day closed below the peak", source: "backtesting.py"),
        MetricDefinition(
            "max_drawdown_duration", "Max drawdown duration", .duration,
            "longest time from a peak to its recovery",
            undefinedWhen: "no day closed below the peak", source: "backtesting.py"),
        MetricDefinition(
            "avg_drawdown_duration", "Avg drawdown duration", .duration,
            "mean time from a peak to its recovery",
            undefinedWhen: "no day closed below the peak", source: "backtesting.py"),
        MetricDefinition(
            "ulcer_index", "Ulcer index", .fraction, "sqrt(mean(D^2))", undefinedWhen: "no bar",
            source: "Martin and McCann 1989"),
        MetricDefinition(
            "ulcer_performance", "Ulcer performance", .ratio, "annual_return / ulcer_index",
            undefinedWhen: "annual_return undefined; no drawdown",
            source: "Martin and McCann 1989"),
        MetricDefinition(
            "serenity", "Serenity ratio", .ratio,
            "sum(r) / (ulcer_index * mean(D where D >= q(0.95) of D) / sd(r))",
            undefinedWhen: "fewer than 2 days; no drawdown; equity 0 or less",
            source: "KeyQuant 2014"),
        MetricDefinition(
            "recovery_factor", "Recovery factor", .ratio, "total_return / max_drawdown",
            undefinedWhen: "no drawdown", source: "quantstats"),
        MetricDefinition(
            "underwater_time", "Time below the peak", .fraction, "days with D > 0 / n",
            undefinedWhen: "no bar"),
    ]

    static func put(
        _ input: MetricInput, _ days: inout DaySeries, _ returns: SeriesMoments,
        into sink: inout MetricSink
    ) {
        var (count, depth, length, longest) = (0.0, 0.0, 0.0, 0.0)
        forEachEpisode(input) { episode in
            let time = Double(episode.length)
            count += 1
            depth += episode.depth
            length += time
            longest = max(longest, time)
        }
        sink.put(input.equity.maxDrawdown)
        sink.put(depth / count)
        sink.put(count > 0 ? longest : .nan)
        sink.put(length / count)
        putUnderwater(input, &days, returns, into: &sink)
    }

    private static func putUnderwater(
        _ input: MetricInput, _ days: inout DaySeries, _ returns: SeriesMoments,
        into sink: inout MetricSink
    ) {
        let falls = days.drawdowns
        let limit = days.quantile(0.95, ofDrawdowns: true)
        var (squares, below, tail, tailCount) = (0.0, 0.0, 0.0, 0.0)
        for fall in falls {
            squares += fall * fall
            if fall > 0 { below += 1 }
            if fall >= limit {
                tail += fall
                tailCount += 1
            }
        }
        let count = Double(falls.count)
        let ulcer = (squares / count).squareRoot()
        let pitfall = tail / tailCount / returns.deviation
        let sum = returns.count > 1 ? returns.mean * Double(returns.count) : .nan
        sink.put(ulcer)
        sink.put(quotient(ReturnMetrics.annualReturn(input, returns), ulcer))
        sink.put(quotient(sum, ulcer * pitfall))
        sink.put(quotient(AccountMetrics.totalReturn(input), input.equity.maxDrawdown))
        sink.put(below / count)
    }

    /// Calls `body` with each episode at day closes, oldest first.
    ///
    /// - Complexity: O(days).
    static func forEachEpisode(_ input: MetricInput, _ body: (DrawdownEpisode) -> Void) {
        let equity = input.equity
        guard equity.closeCount > 0 else { return }
        var peak = equity.base
        var episode: DrawdownEpisode?
        func visit(_ close: EquityClose) {
            if close.equity < peak.equity {
                var fall =
                    episode
                    ?? DrawdownEpisode(
                        start: peak.time, trough: close.time, recovery: nil, depth: 0, amount: 0)
                let depth = 1 - close.equity / peak.equity
                if depth > fall.depth {
                    fall.trough = close.time
                    fall.depth = depth
                    fall.amount = peak.equity - close.equity
                }
                episode = fall
                return
            }
            if var ended = episode {
                ended.recovery = close.time
                ended.length = input.tested(from: ended.start, to: close.time)
                if ended.depth > 0 { body(ended) }
                episode = nil
            }
            peak = close
        }
        for close in equity.finished { visit(close) }
        visit(equity.last)
        if var open = episode, open.depth > 0 {
            open.length = input.tested(from: open.start, to: equity.last.time)
            body(open)
        }
    }

    /// The deepest episodes, deepest first, the earlier one first of equals.
    ///
    /// - Complexity: O(days + episodes · log episodes).
    static func deepest(_ count: Int, _ input: MetricInput) -> [DrawdownEpisode] {
        var found: [DrawdownEpisode] = []
        forEachEpisode(input) { found.append($0) }
        found.sort { ($1.depth, $0.start) < ($0.depth, $1.start) }
        return Array(found.prefix(count))
    }
}
