import LotCore

/// The rules that every stored row obeys, used when rows come in and when they are verified.
enum RowCheck {
    /// 2009-01-01: no exchange has bars from before Bitcoin.
    static let firstTime: Int64 = 1_230_768_000_000
    /// 2100-01-01.
    static let lastTime: Int64 = 4_102_444_800_000

    /// Returns why prices and volume cannot be a bar, or `nil`.
    static func problem(open: Double, high: Double, low: Double, close: Double) -> String? {
        // One chain of comparisons; false for NaN, so a NaN never passes.
        if low > 0, low <= open, low <= close, open <= high, close <= high, high.isFinite {
            return nil
        }
        let named = [("open", open), ("high", high), ("low", low), ("close", close)]
        for (name, value) in named where !value.isFinite { return "\(name) is \(value)" }
        for (name, value) in named where value <= 0 { return "\(name) \(value) is not above 0" }
        if high < low { return "high \(high) < low \(low)" }
        for (name, value) in [("open", open), ("close", close)] {
            if value > high { return "\(name) \(value) > high \(high)" }
            if value < low { return "\(name) \(value) < low \(low)" }
        }
        return nil
    }

    /// Returns why a quantity cannot be stored, or `nil`.
    static func problem(quantity value: Double, _ column: SeriesColumn) -> String? {
        value >= 0 && value.isFinite ? nil : "\(column.rawValue) \(value) is not a quantity"
    }

    /// Returns why a funding rate cannot be one, or `nil`.
    ///
    /// Exchanges cap the rate at a few per cent; 1 would be a hundred.
    static func problem(rate: Double) -> String? {
        guard rate.isFinite else { return "rate is \(rate)" }
        return abs(rate) < 1 ? nil : "rate \(rate) is not between -1 and 1 (0.0001 is 0.01 %)"
    }

    /// Returns why a mark price cannot be stored, or `nil`; NaN stands for one that is not known.
    static func problem(markPrice: Double) -> String? {
        if markPrice.isNaN || (markPrice > 0 && markPrice.isFinite) { return nil }
        return "mark_price \(markPrice) is not above 0"
    }

    /// Returns why a time cannot be an open time of `interval`, or `nil`.
    static func problem(time: Int64, interval: Interval) -> String? {
        guard time >= firstTime, time < lastTime else {
            return "open time \(grouped(time)) is not between 2009 and 2100"
        }
        guard interval.isOnGrid(time) else {
            let monday = interval.gridOrigin != 0
            return "open time \(grouped(time)) not "
                + (monday
                    ? "a Monday 00:00 UTC" : "a multiple of \(grouped(interval.milliseconds))")
        }
        return nil
    }
}

/// The holes of a series.
enum Gaps {
    /// Returns the hole between two consecutive times, or `nil`; `step` is the longest distance
    /// without one, see ``SeriesLayout/step``.
    static func between(_ one: Int64, _ next: Int64, step: Int64) -> Gap? {
        let missing = (next - one - 1) / step
        guard missing > 0 else { return nil }
        return Gap(from: one + step, to: next, bars: Int(missing))
    }

    /// Returns the holes between consecutive times of `times`.
    static func all(_ times: Column<Int64>, step: Int64) -> [Gap] {
        var gaps: [Gap] = []
        var index = 1
        while index < times.count {
            if times[index] - times[index - 1] != step,
                let gap = between(times[index - 1], times[index], step: step)
            {
                gaps.append(gap)
            }
            index += 1
        }
        return gaps
    }

    /// Returns the holes inside a table.
    static func all(_ table: SeriesTable, step: Int64) -> [Gap] {
        var gaps: [Gap] = []
        var index = 1
        let count = table.count
        while index < count {
            if let gap = between(table.time(index - 1), table.time(index), step: step) {
                gaps.append(gap)
            }
            index += 1
        }
        return gaps
    }
}
