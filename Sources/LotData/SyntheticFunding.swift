public import LotCore

/// Made-up funding rates for demonstrations, tests and benchmarks.
///
/// Every eight hours the rate is 0.01 % plus a premium that wanders and returns (an autoregressive
/// process of order 1, coefficient 0.9, deviation 0.01 %), cut at ±0.75 % and rounded to eight
/// places as exchanges give it. Equal arguments give equal bytes on every machine; see
/// ``SyntheticKlines``.
public enum SyntheticFunding {
    private static let every: Int64 = 28_800_000

    /// Generates the fundings of a stretch of time.
    ///
    /// - Parameters:
    ///   - bars: Bars of the perpetual; the open of the bar that a funding falls into is its mark
    ///     price.
    ///   - interval: Length of the bars.
    ///   - seed: Equal seeds give equal rates.
    /// - Returns: A row every eight hours (00:00, 08:00, 16:00 UTC) from the first bar's open to
    ///   the last one's close; none if the bars are shorter than that.
    public static func generate(over bars: SeriesTable, interval: Interval, seed: UInt64)
        -> SeriesTable
    {
        var table = SeriesTable(.funding, columns: SeriesColumn.funding)
        // Another stream of numbers than the bars' of the same seed.
        var random = Xoshiro256(seed: seed ^ 0x6675_6e64_696e_6700)
        var premium = 0.0
        var bar = 0
        var time = (bars.time(0) + every - 1) / every * every
        let end = bars.time(bars.count - 1) + interval.milliseconds
        while time < end {
            premium = 0.9 * premium + 0.0001 * random.normal()
            let rate = min(0.0075, max(-0.0075, 0.0001 + premium))
            while bar + 1 < bars.count, bars.time(bar + 1) <= time { bar += 1 }
            let rounded = (rate * 1e8).rounded() / 1e8
            table.append(
                time: time,
                words: [0, rounded.bitPattern, bars.value(.open, bar).bitPattern])
            time += every
        }
        return table
    }
}

extension KlineStore {
    /// Stores generated funding rates for a generated perpetual, marked as synthetic.
    ///
    /// - Parameters:
    ///   - address: The series of rates.
    ///   - bars: The stored bars they are for.
    ///   - seed: Equal seeds give equal rates.
    ///   - replace: Whether rows may take the place of stored ones that differ.
    /// - Returns: How many rows were added, replaced, or there already.
    /// - Throws: As ``commit(_:to:sources:replace:)``; 64 where no funding falls into the bars.
    @discardableResult
    public func generate(
        _ address: FundingAddress, over bars: SeriesAddress, seed: UInt64, replace: Bool = false
    ) throws(Diagnosis) -> CommitOutcome {
        let stored = try open(bars)
        let table = SyntheticFunding.generate(
            over: try stored.table(0..<stored.rows), interval: bars.interval, seed: seed)
        guard table.count > 0 else {
            throw Diagnosis(
                .usage, kind: "generate.funding", subject: "--funding",
                reason: "no funding time (00:00, 08:00, 16:00 UTC) falls into the bars",
                hint: "generate more rows")
        }
        let source = SeriesSource(
            kind: SyntheticKlines.sourceKind, name: "generator 1, seed \(seed)", sha256: "",
            rows: table.count, firstTime: table.time(0), lastTime: table.time(table.count - 1))
        return try commit(table, to: .funding(address), sources: [source], replace: replace)
    }
}
