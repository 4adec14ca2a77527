import LotCore

/// Which positions an exchange may open: a hedged symbol is two exchanges over one account.
enum PositionLeg: Sendable {
    /// Long and short, one at a time.
    case both
    case long
    case short
}

/// The margin of one position, and where it is in the run's funding.
struct PositionMargin: Sendable {
    let terms: MarginTerms
    let schedule: PerpetualSchedule?
    /// Margin set aside for the position, in quote currency; 0 while flat, and in cross mode.
    var isolated = 0.0
    /// Mark price at which the position is liquidated; NaN while flat.
    var level = Double.nan
    /// The mark price in the bar being processed.
    var mark = MarkRange(open: .nan, high: .nan, low: .nan)
    /// Row of the next payment; `Int.max` after the last.
    private(set) var nextChargeRow = Int.max
    private var next = 0

    init(_ terms: MarginTerms, _ schedule: PerpetualSchedule?) {
        self.terms = terms
        self.schedule = schedule
        nextChargeRow = schedule?.charges.first?.row ?? .max
    }

    /// Takes the next payment that is due before `row`, or in it up to `time`.
    mutating func takeCharge(_ row: Int, until time: Int64) -> FundingCharge? {
        guard nextChargeRow <= row, let charges = schedule?.charges else { return nil }
        let charge = charges[next]
        if charge.row == row, charge.time > time { return nil }
        next += 1
        nextChargeRow = next < charges.count ? charges[next].row : .max
        return charge
    }

    /// The mark price in a row: the traded price where there is no series of it.
    @inline(__always)
    func marks(_ row: Int, _ bar: Bar) -> MarkRange {
        guard let schedule, schedule.hasMarks else { return MarkRange(bar) }
        return schedule.marks(row)
    }
}
