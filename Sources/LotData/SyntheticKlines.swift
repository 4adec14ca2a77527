public import LotCore

/// Made-up klines with volatility clustering, for demonstrations, tests and benchmarks.
///
/// Returns follow a GARCH(1,1): `σ²ₜ = ω + α·r²ₜ₋₁ + β·σ²ₜ₋₁` with α 0.08, β 0.90 and ω such that
/// the long-run volatility is 60 % a year; each bar is a walk of eight steps, whose extremes are
/// its high and low. Volume grows with the bar's range. Only +, −, ×, ÷, square root and integer
/// arithmetic are used, which IEEE 754 rounds alike everywhere: equal arguments give equal bytes
/// on every machine.
/// - SeeAlso: Bollerslev, "Generalized autoregressive conditional heteroskedasticity", Journal of
///   Econometrics 31(3), 1986. Blackman and Vigna, "Scrambled linear pseudorandom number
///   generators", ACM TOMS 47(4), 2021 (xoshiro256**), seeded by SplitMix64 as they advise.
public enum SyntheticKlines {
    /// How `series.json` marks generated rows.
    public static let sourceKind = "synthetic"
    /// 2023-01-01, the default start.
    public static let defaultStart: Int64 = 1_672_531_200_000

    private static let alpha = 0.08
    private static let beta = 0.90
    private static let steps = 8

    /// Generates klines with all nine columns.
    ///
    /// - Parameters:
    ///   - rows: How many, at least 1; there are no gaps.
    ///   - seed: Equal seeds give equal rows.
    ///   - interval: Length of a bar; it scales the volatility.
    ///   - start: Open time of the first bar, milliseconds since the epoch, moved forward to the
    ///     interval's grid.
    /// - Returns: Prices with two decimals around 100, open near the close before.
    /// - Complexity: O(`rows`).
    public static func generate(
        rows: Int, seed: UInt64, interval: Interval, start: Int64 = defaultStart
    ) -> SeriesTable {
        precondition(rows > 0, "at least one row")
        var random = Xoshiro256(seed: seed)
        var table = SeriesTable(.bars(interval), columns: SeriesColumn.bars)
        table.reserve(rows)
        let barsPerYear = 365.0 * Double(millisecondsPerDay) / Double(interval.milliseconds)
        let longRun = 0.6 * 0.6 / barsPerYear
        // A bar trades in proportion to its length: some 5,000 units, half a million, a minute.
        let minutes = Double(interval.milliseconds) / 60_000
        var variance = longRun
        var close = 100.0
        var time = start
        while !interval.isOnGrid(time) {
            let rest = (time - interval.gridOrigin) % interval.milliseconds
            time += rest < 0 ? -rest : interval.milliseconds - rest
        }
        for _ in 0..<rows {
            let bar = walk(from: close, variance: variance, &random)
            let change = (bar.close - close) / close
            variance = longRun * (1 - alpha - beta) + alpha * change * change + beta * variance
            close = bar.close
            append(
                bar, time: time, typical: longRun.squareRoot(), turnover: 100 * max(1, minutes),
                &random, to: &table)
            time += interval.milliseconds
        }
        return table
    }

    /// The bar's path: eight steps of a random walk; prices never fall below 1.
    private static func walk(
        from start: Double, variance: Double, _ random: inout Xoshiro256
    ) -> (open: Double, high: Double, low: Double, close: Double) {
        let deviation = (variance / Double(steps)).squareRoot()
        // Now and then the open is a tick away from the close before, as on a real exchange.
        let nudge = Double(Int(random.next() % 8) / 6) * (random.next() & 1 == 0 ? 0.01 : -0.01)
        var price = max(1, start + nudge)
        let open = cents(price)
        var high = open
        var low = open
        for _ in 0..<steps {
            price = max(1, price * (1 + deviation * random.normal()))
            high = max(high, cents(price))
            low = min(low, cents(price))
        }
        return (open, high, low, cents(price))
    }

    private static func append(
        _ bar: (open: Double, high: Double, low: Double, close: Double), time: Int64,
        typical: Double, turnover: Double, _ random: inout Xoshiro256,
        to table: inout SeriesTable
    ) {
        let range = (bar.high - bar.low) / bar.close / typical
        let mood = 0.25 + random.unit() + random.unit() * random.unit()
        let units = turnover * (20 + 60 * range) * mood
        let volume = ((units * 100_000).rounded() + 100) / 100_000
        let mean = (bar.open + bar.high + bar.low + bar.close) / 4
        let taker = (volume * (0.3 + 0.4 * random.unit()) * 100_000).rounded() / 100_000
        table.words[0].append(UInt64(bitPattern: time))
        let values: [(SeriesColumn, Double)] = [
            (.open, bar.open), (.high, bar.high), (.low, bar.low), (.close, bar.close),
            (.volume, volume), (.quoteVolume, cents(volume * mean)), (.takerBase, taker),
        ]
        for (column, value) in values { table.words[column.index].append(value.bitPattern) }
        let trades = Int64(volume * (2 + 3 * random.unit())) + 1
        table.words[SeriesColumn.trades.index].append(UInt64(bitPattern: trades))
    }

    /// The nearest double of a price with two decimals.
    private static func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

extension KlineStore {
    /// Stores generated klines, marked as synthetic.
    ///
    /// - Throws: As ``commit(_:to:sources:replace:)``.
    @discardableResult
    public func generate(
        _ address: SeriesAddress, rows: Int, seed: UInt64,
        start: Int64 = SyntheticKlines.defaultStart, replace: Bool = false
    ) throws(Diagnosis) -> CommitOutcome {
        guard (1...100_000_000).contains(rows) else {
            throw Diagnosis(
                .usage, kind: "generate.rows", subject: "--rows",
                reason: "\(rows) is not between 1 and 100,000,000")
        }
        var table = SyntheticKlines.generate(
            rows: rows, seed: seed, interval: address.interval, start: start)
        if address.price == .mark { table = table.keeping(SeriesColumn.prices) }
        let source = SeriesSource(
            kind: SyntheticKlines.sourceKind, name: "generator 1, seed \(seed)", sha256: "",
            rows: rows, firstTime: table.time(0), lastTime: table.time(rows - 1))
        return try commit(table, to: address, sources: [source], replace: replace)
    }
}
