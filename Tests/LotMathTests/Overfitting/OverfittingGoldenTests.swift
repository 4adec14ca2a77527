import LotCore
import Testing

@testable import LotMath

/// Statistics of overfitting against Python: `Golden/make_overfitting.py`.
struct OverfittingGoldenTests {
    static func values(_ prefix: String) throws -> [(key: String, value: Double)] {
        try golden("overfitting_expected.csv").rows.compactMap { row in
            guard row[0] == prefix || row[0].hasPrefix(prefix + ":") else { return nil }
            let key = row[0].split(separator: ":").dropFirst().joined(separator: ":")
            return (key, try #require(Double(row[1])))
        }
    }

    static func value(_ key: String) throws -> Double {
        let rows = try golden("overfitting_expected.csv").rows
        let row = try #require(rows.first { $0[0] == key })
        return try #require(Double(row[1]))
    }

    private func isNear(_ a: Double, _ b: Double, _ relative: Double = 1e-10) -> Bool {
        abs(a - b) <= relative * abs(b)
    }

    @Test func `the normal distribution has all digits of a double`() throws {
        let shares = try Self.values("cdf")
        let quantiles = try Self.values("quantile")
        #expect(shares.count == 16 && quantiles.count == 16)
        for (key, golden) in shares {
            let share = normalCumulative(try #require(Double(key)))
            #expect(isNear(share, golden, 2e-15), "Φ(\(key)) = \(share), golden \(golden)")
        }
        for (key, golden) in quantiles {
            let value = normalQuantile(try #require(Double(key)))
            #expect(
                abs(value - golden) <= 1e-15 * max(1, abs(golden)),
                "quantile of \(key): \(value), golden \(golden)")
        }
    }

    @Test func `Sharpe ratios' statistics`() throws {
        let sharpe = try Self.value("moments:sharpe")
        let skewness = try Self.value("moments:skewness")
        let kurtosis = try Self.value("moments:kurtosis")
        let psr = probabilisticSharpe(
            sharpe, above: 0.05, skewness: skewness, kurtosis: kurtosis, count: MadeUp.days)
        #expect(isNear(psr, try Self.value("psr")))
        for (count, golden) in try Self.values("dsr") {
            let deflated = DeflatedSharpe(
                sharpe, skewness: skewness, kurtosis: kurtosis, count: MadeUp.days,
                trials: try #require(Double(count)), variance: 0.0009)
            #expect(isNear(deflated.probability, golden), "\(count) trials")
        }
        let record = minimumTrackRecord(0.1, above: 0.02, skewness: -0.7, kurtosis: 5.5)
        #expect(record.rounded(.up) == (try Self.value("min_track_record")))
        for (count, golden) in try Self.values("min_backtest") {
            let years = minimumBacktestYears(trials: try #require(Double(count)))
            #expect(isNear(years, golden), "\(count) trials")
        }
    }

    @Test(arguments: [("noise", 0.0, 0.0), ("edge", 0.006, 0), ("common", 0.002, 1.5)])
    func `cross-validation`(name: String, drift: Double, common: Double) throws {
        let blocks = TrialBlocks(returns: MadeUp.trials(drift: drift, common: common))
        let found = try #require(BacktestOverfitting(blocks))
        #expect(found.splits.count == 12_870 && found.trials == 30)
        let logits = found.splits.reduce(0) { $0 + $1.logit } / 12_870
        for (key, golden) in try Self.values(name) {
            let value =
                [
                    "pbo": found.probability, "mean_logit": logits,
                    "slope": found.degradation.slope, "intercept": found.degradation.intercept,
                    "r_squared": found.degradation.rSquared, "loss": found.lossProbability,
                    "average_correlation": averageCorrelation(blocks),
                ][key] ?? nil
            let computed = try #require(value, "\(key)")
            #expect(
                abs(computed - golden) <= 1e-9 * max(0.01, abs(golden)),
                "\(name) \(key): \(computed), golden \(golden)")
        }
    }

    @Test func `block lengths of the stationary bootstrap`() throws {
        let series = [
            "white": MadeUp.autoregression(11, 500, 0),
            "half": MadeUp.autoregression(12, 1_000, 0.5),
            "long": MadeUp.autoregression(13, 731, 0.9),
            "opposed": MadeUp.movingAverage(14, 365, -0.6),
            "short": MadeUp.autoregression(15, 20, 0), "walk": MadeUp.autoregression(16, 300, 1),
        ]
        let expected = try Self.values("block_length")
        #expect(expected.count == series.count)
        for (key, golden) in expected {
            let length = stationaryBlockLength(try #require(series[key]))
            #expect(isNear(length, golden, 1e-8), "\(key): \(length), golden \(golden)")
        }
    }

    @Test func `the stationary bootstrap draws from the distribution of another program`() throws {
        let returns = MadeUp.autoregression(17, 400, 0.3).map { 0.0005 + 0.05 * $0 }
        let found = try #require(
            StationaryBootstrap(
                returns,
                StationaryBootstrap.Settings(
                    seed: 5, resamples: 20_000, blockLength: 5, fanPoints: 3)))
        let bands = [
            "total_return": found.totalReturn, "sharpe": found.sharpe,
            "max_drawdown": found.maxDrawdown, "growth_200": found.fan[1].growth,
        ]
        #expect(found.fan.map(\.step) == [0, 200, 400])
        for (key, golden) in try Self.values("bootstrap") {
            let parts = key.split(separator: ":").map(String.init)
            let band = try #require(bands[parts[0]])
            let value = ["5": band.low, "50": band.median, "95": band.high][parts[1]] ?? .nan
            // A quantile of 20,000 draws is off by 0.0015 to 0.0035 of probability: in these
            // bands, of 3.3 deviations, at most 1/50 of their width.
            let allowance = (band.high - band.low) / 50
            #expect(abs(value - golden) < allowance, "\(key): \(value), golden \(golden)")
        }
    }
}
