import Testing

@testable import LotMath

/// Sharpe ratios under suspicion, against the papers' own numbers.
struct SharpeStatisticsTests {
    @Test func `the deflated Sharpe ratio of the paper's example`() {
        // Bailey and López de Prado 2014, "A numerical example": an annual 2.5 over 1,250 days of
        // 250 a year, skewness -3, kurtosis 10, 100 trials whose annual Sharpe ratios have a
        // variance of 1/2.
        let sharpe = 2.5 / 250.0.squareRoot()
        func deflated(_ trials: Double, _ skewness: Double, _ kurtosis: Double) -> DeflatedSharpe {
            DeflatedSharpe(
                sharpe, skewness: skewness, kurtosis: kurtosis, count: 1_250, trials: trials,
                variance: 0.5 / 250)
        }
        #expect(abs(deflated(100, -3, 10).benchmark - 0.1132) < 0.00005)
        #expect(abs(deflated(100, -3, 10).probability - 0.9004) < 0.00005)
        // 46 trials would have been few enough, or 88 with normal returns.
        #expect(abs(deflated(46, -3, 10).probability - 0.9505) < 0.00005)
        #expect(abs(deflated(88, 0, 3).probability - 0.9505) < 0.00005)
    }

    @Test func `track records of the paper's figures`() {
        // Bailey and López de Prado 2012, section 5: an annual Sharpe ratio of 2 against 1, at
        // 95 %, in years of daily, weekly and monthly returns.
        func years(_ periods: Double, _ skewness: Double = 0, _ kurtosis: Double = 3) -> Double {
            minimumTrackRecord(
                2 / periods.squareRoot(), above: 1 / periods.squareRoot(), skewness: skewness,
                kurtosis: kurtosis) / periods
        }
        #expect(abs(years(252) - 2.73) < 0.005)
        #expect(abs(years(52) - 2.83) < 0.005)
        #expect(abs(years(12) - 3.24) < 0.005)
        #expect(abs(years(12, -0.72, 5.78) - 4.99) < 0.005)
    }

    @Test func `a record of the minimum length just proves what it is to prove`() {
        for sharpe in [0.02, 0.1, 0.4] {
            let count = minimumTrackRecord(sharpe, skewness: -0.5, kurtosis: 6, confidence: 0.9)
            func probability(_ count: Double) -> Double {
                probabilisticSharpe(sharpe, skewness: -0.5, kurtosis: 6, count: Int(count))
            }
            #expect(probability(count.rounded(.up)) >= 0.9)
            #expect(probability(count.rounded(.up) - 1) < 0.9)
        }
        #expect(minimumTrackRecord(0.1, above: 0.1, skewness: 0, kurtosis: 3).isNaN)
        #expect(minimumTrackRecord(0.1, skewness: 0, kurtosis: 3, confidence: 1).isNaN)
    }

    @Test func `the best of many worthless trials`() {
        // Exact, by integration of the maximum's density: 2 trials 0.564, 10: 1.539, 100: 2.508,
        // a million: 4.863. The formula is a limit: within 8 % from 2, 2.5 % from 10.
        #expect(abs(expectedMaximum(ofTrials: 2) / 0.564 - 1) < 0.08)
        #expect(abs(expectedMaximum(ofTrials: 10) / 1.539 - 1) < 0.025)
        #expect(abs(expectedMaximum(ofTrials: 100) / 2.508 - 1) < 0.01)
        #expect(abs(expectedMaximum(ofTrials: 1e6) / 4.863 - 1) < 0.002)
        #expect(expectedMaximum(ofTrials: 1) == 0 && expectedMaximum(ofTrials: 1.1) == 0)
        var last = -1.0
        for trials in stride(from: 1.0, to: 20, by: 0.1) {
            #expect(expectedMaximum(ofTrials: trials) >= last)
            last = expectedMaximum(ofTrials: trials)
        }
        // Bailey, Borwein, López de Prado and Zhu 2014: five years allow 45 trials.
        #expect(minimumBacktestYears(trials: 45) < 5 && minimumBacktestYears(trials: 46) > 5)
    }

    @Test func `with one trial nothing is deflated`() {
        let one = DeflatedSharpe(
            0.1, skewness: -1, kurtosis: 5, count: 500, trials: 1, variance: .nan)
        #expect(
            one.probability
                == probabilisticSharpe(0.1, skewness: -1, kurtosis: 5, count: 500))
        #expect(one.benchmark == 0)
        let unknown = DeflatedSharpe(
            0.1, skewness: -1, kurtosis: 5, count: 500, trials: 2, variance: .nan)
        #expect(unknown.probability.isNaN)
    }

    @Test func `evidence of returns, and Sharpe ratios of all trials`() {
        let returns = MadeUp.trials(3, drift: 0.001)
        let blocks = TrialBlocks(returns: returns + [[Double](repeating: 0, count: MadeUp.days)])
        for (row, sharpe) in zip(returns, blocks.sharpes) {
            let moments = SeriesMoments(row)
            let evidence = SharpeEvidence(row)
            #expect(abs(sharpe - evidence.sharpe) < 1e-12)
            #expect(evidence.skewness == moments.skewness && evidence.count == MadeUp.days)
            let deflated = evidence.deflated(trials: 3, variance: sampleVariance(blocks.sharpes))
            #expect(deflated.probability < evidence.probability())
            #expect(evidence.probability(above: deflated.benchmark) == deflated.probability)
        }
        #expect(blocks.sharpes.count == 4 && blocks.sharpes[3].isNaN)
        #expect(SharpeEvidence([0, 0, 0]).probability().isNaN)
        #expect(SharpeEvidence([0.1, 0.1, 0.1]).trackRecord().isNaN)
    }

    @Test func `variance leaves out what is not a number`() {
        #expect(sampleVariance([1, .nan, 3, .infinity, 5]) == 4)
        #expect(sampleVariance([7, .nan]).isNaN)
    }

    @Test func `the normal distribution at its ends`() {
        #expect(normalCumulative(0) == 0.5 && normalQuantile(0.5) == 0)
        #expect(normalCumulative(.infinity) == 1 && normalCumulative(-.infinity) == 0)
        #expect(normalQuantile(0) == -.infinity && normalQuantile(1) == .infinity)
        #expect(normalQuantile(-0.1).isNaN && normalQuantile(1.1).isNaN)
        #expect(normalQuantile(.nan).isNaN && normalCumulative(.nan).isNaN)
        for share in stride(from: 0.001, to: 1, by: 0.001) {
            #expect(abs(normalCumulative(normalQuantile(share)) - share) < 1e-15)
        }
    }

    @Test func `trials that do the same count for one`() {
        let one = MadeUp.trials(1)[0]
        let same = TrialBlocks(returns: [[Double]](repeating: one, count: 50))
        #expect(abs(effectiveTrials(same) - 1) < 1e-9)
        // Scaled or shifted, a trial is still the same bet.
        let scaled = TrialBlocks(returns: (1...50).map { k in one.map { $0 * Double(k) + 0.001 } })
        #expect(abs(effectiveTrials(scaled) - 1) < 1e-9)
    }

    @Test func `independent trials count for nearly all, opposed ones for all`() {
        let free = TrialBlocks(returns: MadeUp.trials(200))
        #expect(effectiveTrials(free) > 190)
        let one = MadeUp.trials(1)[0]
        #expect(effectiveTrials(TrialBlocks(returns: [one, one.map { -$0 }])) == 2)
        // A trial that never traded correlates with none; few trials count for themselves.
        let idle = [Double](repeating: 0, count: one.count)
        #expect(effectiveTrials(TrialBlocks(returns: [one, one, idle])) < 3)
        #expect(effectiveTrials(TrialBlocks(returns: [one])) == 1)
        #expect(effectiveTrials(TrialBlocks(returns: [])) == 0)
    }
}
