import LotCore

/// Labelled times on a chart's axis.
struct TimeTick: Equatable {
    /// Milliseconds since the epoch.
    var time: Int64
    /// What is written there.
    var label: String
}

/// Chooses round times: years, quarters, months, days, hours, minutes.
enum TimeTicks {
    /// Returns between 2 and 12 ticks inside the range, where the range holds two round times.
    static func between(_ first: Int64, _ last: Int64) -> [TimeTick] {
        let span = last - first
        guard span > 0 else { return [TimeTick(time: first, label: CivilTime.dateText(first))] }
        let months = [1, 2, 3, 6, 12, 24, 60, 120, 240]
        for (step, length) in steps where span / length <= 10 {
            return multiples(of: step, from: first, to: last)
        }
        let monthLength = 2_629_746_000 as Int64
        let step = months.first { span / (Int64($0) * monthLength) <= 10 } ?? 600
        return monthStarts(every: step, from: first, to: last)
    }

    /// Lengths of the steps below a month, in milliseconds, shortest first.
    private static let steps: [(Int64, Int64)] = [
        1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 10_800_000, 21_600_000,
        43_200_000, 86_400_000, 172_800_000, 432_000_000, 604_800_000,
    ].map { ($0, $0) }

    private static func multiples(of step: Int64, from first: Int64, to last: Int64) -> [TimeTick] {
        let start = (first + step - 1) / step * step
        return stride(from: start, through: last, by: Int(step)).map { time in
            let text = CivilTime.text(time)
            let isDay = time % millisecondsPerDay == 0
            let clock = text.drop { $0 != "T" }.dropFirst().dropLast()
            let label = isDay ? text.prefix(10).dropFirst(step < millisecondsPerDay ? 5 : 0) : clock
            return TimeTick(time: time, label: String(label))
        }
    }

    private static func monthStarts(every step: Int, from first: Int64, to last: Int64)
        -> [TimeTick]
    {
        let start = CivilTime.date(days: Int(first / millisecondsPerDay))
        var month = (start.year * 12 + start.month - 1) / step * step
        var ticks: [TimeTick] = []
        while ticks.count < 64 {
            let days = CivilTime.days(year: month / 12, month: month % 12 + 1, day: 1)
            let time = Int64(days) * millisecondsPerDay
            if time > last { break }
            if time >= first {
                let date = CivilTime.dateText(time)
                ticks.append(TimeTick(time: time, label: String(date.prefix(step < 12 ? 7 : 4))))
            }
            month += step
        }
        return ticks
    }
}
