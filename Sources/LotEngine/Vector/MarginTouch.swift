import LotCore

extension SimulatedExchange {
    /// The first of `rows` in which funding is due or the mark price reaches the position's
    /// liquidation price, or their end.
    ///
    /// The price stays what it is between two visited rows: it changes with fills and funding.
    /// - Complexity: O(blocks), and with mark prices O(rows).
    mutating func firstMarginTouch(_ rows: Range<Int>, _ source: MarkSource) -> Int {
        let first = rows.lowerBound
        let end = min(rows.upperBound, max(first, margin.nextChargeRow))
        let (isLong, level) = (ledger.position > 0, margin.level)
        if let schedule = margin.schedule, schedule.hasMarks {
            for row in first..<end {
                let mark = schedule.marks(row)
                if isLong ? mark.low <= level : mark.high >= level { return row }
            }
            return end
        }
        let extremes = source.extremes
        var row = first
        while row < end {
            let block = extremes.block(of: row)
            let blockEnd = min(end, extremes.end(of: block))
            if isLong ? extremes.lowest(block) <= level : extremes.highest(block) >= level {
                for index in row..<blockEnd {
                    let bar = source.bar(index)
                    if isLong ? bar.low <= level : bar.high >= level { return index }
                }
            }
            row = blockEnd
        }
        return end
    }
}
