import LotCore

/// A fall of the equity at day closes below its running peak, until the peak is reached again.
struct DrawdownEpisode: Equatable {
    /// Time of the peak before the fall (milliseconds since the epoch).
    var start: Int64
    /// Time of the first close at or above that peak; the last close if there is none.
    var end: Int64
    /// Deepest fraction below the peak.
    var depth: Double
}

/// Metrics of falls below the running peak.
///
/// - `max_drawdown = max over t of (1 − E[t] / max(E[0…t]))` over *every bar's close* (Magdon-
///   Ismail and Atiya, "Maximum Drawdown", Risk 17(10), 2004, pp. 99-102). 0 for a curve that
///   never falls.
/// - Episodes are taken from the equity at day closes, beginning with the starting cash; one that
///   has not recovered ends at the last close. `avg_drawdown` is the mean of their depths;
///   the durations run from the peak to the recovery. All are null without an episode.
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
    ]

    static func values(_ input: MetricInput) -> [Double?] {
        let found = episodes(input.equity)
        let lengths = found.map { Double($0.end - $0.start) }
        return [
            input.equity.maxDrawdown, mean(found.map(\.depth)), lengths.max(), mean(lengths),
        ]
    }

    static func episodes(_ equity: EquityTracker) -> [DrawdownEpisode] {
        var result: [DrawdownEpisode] = []
        var peak = equity.base
        var depth = 0.0
        for point in equity.closes {
            if point.equity < peak.equity {
                depth = max(depth, 1 - point.equity / peak.equity)
                continue
            }
            if depth > 0 {
                result.append(DrawdownEpisode(start: peak.time, end: point.time, depth: depth))
            }
            peak = point
            depth = 0
        }
        if depth > 0 {
            let end = equity.last.time
            result.append(DrawdownEpisode(start: peak.time, end: end, depth: depth))
        }
        return result
    }
}
