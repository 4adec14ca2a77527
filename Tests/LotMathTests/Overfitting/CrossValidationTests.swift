import Testing

@testable import LotMath

/// Cross-validation against hand arithmetic, properties and a second, plain reading.
struct CrossValidationTests {
    @Test func `noise is chosen for nothing`() throws {
        // Pure noise, 200 trials: the chosen one is above the median as often as not. One study's
        // figure scatters, because its 12,870 splits share their days; the mean of ten does not.
        var sum = 0.0
        for study in 0..<10 as Range<UInt64> {
            var blocks = TrialBlocks(lengths: BlockSums.lengths(days: 320))
            for trial in 0..<200 {
                var random = SeededNumbers(study &* 1_000 &+ UInt64(trial))
                let returns = (0..<320).map { _ in (random.unit() - 0.5) * 0.04 }
                var sums: [Double] = []
                BlockSums.append(of: returns, to: &sums)
                blocks.add(sums, number: trial)
            }
            let found = try #require(BacktestOverfitting(blocks))
            #expect((0.1...0.9).contains(found.probability))
            sum += found.probability
        }
        #expect(abs(sum / 10 - 0.5) < 0.15, "mean \(sum / 10)")
    }

    @Test func `a trial that is truly better stays so`() throws {
        let blocks = TrialBlocks(returns: MadeUp.trials(200, drift: 0.01))
        let found = try #require(BacktestOverfitting(blocks))
        #expect(found.probability < 0.001 && found.lossProbability < 0.001)
        #expect(found.splits.count { $0.trial == 7 } > 12_800)
        #expect(found.dominance.isFirstOrder && found.dominance.isSecondOrder)
    }

    @Test func `four blocks of two days, by hand`() throws {
        // Σr and Σr² of blocks of two days. Sharpe ratios over two blocks order like s·|s|/q:
        // trial 0: s 3 1 -1 2, q 5 1 1 4; trial 1: s 1 2 1 -3, q 1 4 1 5.
        var blocks = TrialBlocks(lengths: [2, 2, 2, 2])
        blocks.add([3, 1, -1, 2, 5, 1, 1, 4], number: 10)
        blocks.add([1, 2, 1, -3, 1, 4, 1, 5], number: 11)
        let found = try #require(BacktestOverfitting(blocks))
        // Past {0, 1}: trial 0 16/6, trial 1 9/5: trial 0; the future {2, 3}: 1/5 against -4/6.
        // Past {2, 3}: trial 0, future {0, 1}: 16/6 against 9/5.
        // Past {0, 2}: 4/6 against 4/2: trial 1; future {1, 3}: -1/9 against 9/5: the worse.
        // Past {1, 3}: trial 0; future {0, 2}: 4/6 against 4/2: the worse.
        // Past {0, 3}: 25/9 against -4/6: trial 0; future {1, 2}: 0 against 9/5: the worse.
        // Past {1, 2}: trial 1; future {0, 3}: the worse.
        #expect(found.splits.count == 6)
        #expect(found.probability == 4.0 / 6)
        let wins = found.splits.filter { $0.rank == 2 }
        #expect(wins.count == 2 && wins.allSatisfy { $0.trial == 10 })
        // ω = 2/3 of a winner: λ = ln 2; of a loser -ln 2.
        #expect(found.splits.allSatisfy { abs(abs($0.logit) - 0.6931471805599453) < 1e-15 })
        // Past {0, 1} of trial 0: 4 days, mean 1, variance (6 - 16/4)/3 = 2/3.
        let split = try #require(wins.first { abs($0.inSample - 1.5.squareRoot()) < 1e-12 })
        // Its future {2, 3}: mean 1/4, variance (5 - 1/4)/3 = 19/12.
        #expect(abs(split.outOfSample - 0.25 / (19.0 / 12).squareRoot()) < 1e-12)
        // Futures that lose: {1, 3} of trial 1 and {0, 3} of trial 1.
        #expect(found.lossProbability == 2.0 / 6)
    }

    @Test func `equal trials share their ranks, and the first is chosen`() throws {
        let one = MadeUp.trials(1)[0]
        let found = try #require(
            BacktestOverfitting(TrialBlocks(returns: [[Double]](repeating: one, count: 70))))
        #expect(found.splits.allSatisfy { $0.trial == 0 && $0.rank == 35.5 && $0.logit == 0 })
        // Not above the median is overfitting: choosing among equals is of no use.
        #expect(found.probability == 1)
        #expect(found.dominance.firstOrderGap == 0)
    }

    @Test func `a trial without trades counts as a Sharpe ratio of 0`() throws {
        let loser = MadeUp.trials(1)[0].map { $0 - 0.02 }
        let idle = [Double](repeating: 0, count: loser.count)
        let found = try #require(BacktestOverfitting(TrialBlocks(returns: [loser, idle])))
        #expect(found.splits.allSatisfy { $0.trial == 1 && $0.rank == 2 })
        #expect(found.splits.allSatisfy { $0.inSample == 0 && $0.outOfSample == 0 })
        #expect(found.probability == 0 && found.lossProbability == 0)
        #expect(found.degradation.slope.isNaN)
        // Returns that are all alike, which nothing traded has, do not vary either.
        let steady = [Double](repeating: 0.001, count: loser.count)
        let other = try #require(BacktestOverfitting(TrialBlocks(returns: [idle, steady])))
        #expect(other.splits.allSatisfy { $0.trial == 0 && $0.rank == 1.5 })
    }

    @Test func `trials that lost everything are left out and counted`() throws {
        var blocks = TrialBlocks(returns: MadeUp.trials(3))
        blocks.add([Double](repeating: .nan, count: 32), number: 3)
        blocks.add([Double](repeating: 0.01, count: 32), number: 4)
        #expect(blocks.excluded == 1 && blocks.count == 4 && blocks.numbers == [0, 1, 2, 4])
        #expect(BacktestOverfitting(blocks)?.excluded == 1)
    }

    @Test func `too few trials or days are said, not computed`() {
        let one = TrialBlocks(returns: MadeUp.trials(1))
        #expect(BacktestOverfitting(one) == nil)
        #expect(BacktestOverfitting.obstacle(one)?.contains("two trials") == true)
        let short = TrialBlocks(returns: MadeUp.trials(5, days: 31))
        #expect(BacktestOverfitting(short) == nil)
        #expect(BacktestOverfitting.obstacle(short)?.contains("32 days") == true)
        #expect(BacktestOverfitting.obstacle(TrialBlocks(returns: MadeUp.trials(2))) == nil)
    }

    /// Days in threes, trials that share days, trade rarely, or are twins: the second reading
    /// takes the days themselves, and sorts.
    @Test(arguments: [2, 4, 6, 8], [3, 33, 70])
    func `a plain reading of the paper agrees`(blockCount: Int, trials: Int) throws {
        let days = blockCount * 3 + 1
        var random = SeededNumbers(UInt64(blockCount * 1_000 + trials))
        var returns: [[Double]] = []
        for trial in 0..<trials {
            if trial % 9 == 8 {
                returns.append(returns[trial - 3])
                continue
            }
            var row: [Double] = []
            for _ in 0..<days {
                let isIdle = trial % 4 == 3 && random.unit() < 0.8
                row.append(isIdle ? 0 : (random.unit() - 0.48) * 0.03)
            }
            returns.append(row)
        }
        let found = try #require(
            BacktestOverfitting(TrialBlocks(returns: returns, blocks: blockCount)))
        let plain = plainReading(returns, blockCount)
        #expect(found.splits.count == plain.count)
        // In the order of pasts of the plain reading: its splits sorted as ours are.
        let masks = BlockSplits(
            lengths: BlockSums.lengths(days: days, blocks: blockCount)
        ).masks
        for (split, mask) in zip(found.splits, masks) {
            let expected = try #require(plain[Int(mask)])
            #expect(split.trial == expected.trial && split.rank == expected.rank)
            #expect(abs(split.inSample - expected.past) < 1e-9)
            #expect(abs(split.outOfSample - expected.future) < 1e-9)
        }
    }

    private struct Reading {
        var trial: Int
        var rank: Double
        var past: Double
        var future: Double
    }

    private func plainReading(_ returns: [[Double]], _ blocks: Int) -> [Int: Reading] {
        let days = returns[0].count
        func sharpe(_ row: [Double], _ mask: Int) -> Double {
            var chosen: [Double] = []
            for block in 0..<blocks where mask >> block & 1 == 1 {
                chosen += row[block * days / blocks..<(block + 1) * days / blocks]
            }
            let moments = SeriesMoments(chosen)
            return moments.deviation == 0 ? 0 : moments.sharpe
        }
        var readings: [Int: Reading] = [:]
        for mask in 0..<1 << blocks where mask.nonzeroBitCount == blocks / 2 {
            let pasts = returns.map { sharpe($0, mask) }
            let futures = returns.map { sharpe($0, (1 << blocks) - 1 - mask) }
            var best = 0
            // Twins have the same bits in the same order of additions: no tolerance is needed.
            for trial in pasts.indices where pasts[trial] > pasts[best] { best = trial }
            let below = futures.count { $0 < futures[best] }
            let equal = futures.count { $0 == futures[best] }
            readings[mask] = Reading(
                trial: best, rank: Double(below) + (Double(equal) + 1) / 2, past: pasts[best],
                future: futures[best])
        }
        return readings
    }

    @Test func `pieces of trials and their order change nothing`() throws {
        // 5,000 trials are three pieces; a runner that does the last first gives the same bytes.
        var blocks = TrialBlocks(lengths: BlockSums.lengths(days: 64))
        var random = SeededNumbers(4)
        for trial in 0..<5_000 {
            var sums: [Double] = []
            BlockSums.append(of: (0..<64).map { _ in random.unit() - 0.5 }, to: &sums)
            blocks.add(sums, number: trial)
        }
        let serial = try #require(BacktestOverfitting(blocks))
        let backwards = try #require(BacktestOverfitting(blocks, runner: BackwardsRunner()))
        #expect(serial == backwards)
        // Against the best of the first split, looked for one by one.
        let splits = BlockSplits(lengths: blocks.lengths)
        for split in [0, 6_435, 12_869] {
            let scores = (0..<blocks.count).map { splits.score(blocks.row($0), split) }
            #expect(scores.firstIndex(of: scores.max() ?? 0) == serial.splits[split].trial)
            let target = splits.score(
                blocks.row(serial.splits[split].trial), splits.others[split])
            let below = (0..<blocks.count).count {
                splits.score(blocks.row($0), splits.others[split]) < target
            }
            #expect(serial.splits[split].rank == Double(below) + 1)
        }
    }

    @Test func `every split has its other side`() {
        let splits = BlockSplits(lengths: BlockSums.lengths(days: 325))
        #expect(splits.count == 12_870 && Set(splits.masks).count == 12_870)
        for split in 0..<splits.count {
            #expect(splits.masks[split] ^ splits.masks[splits.others[split]] == 0xffff)
            #expect(splits.days[split] + splits.days[splits.others[split]] == 325)
        }
    }

    @Test func `a sample of trials depends on nothing but their numbers`() {
        let all = TrialSample.numbers(of: 5_000, limit: 500, seed: 9)
        #expect(all.count == 500 && all == all.sorted() && Set(all).count == 500)
        #expect(TrialSample.numbers(of: 400, limit: 500, seed: 9) == Array(0..<400))
        #expect(TrialSample.numbers(of: 5_000, limit: 500, seed: 10) != all)
        // Two shards' samples hold the sample of both.
        func sample(_ numbers: [Int]) -> [Int] {
            let ranked = numbers.sorted {
                TrialSample.priority(of: $0, seed: 9) < TrialSample.priority(of: $1, seed: 9)
            }
            return Array(ranked.prefix(500))
        }
        let shards = (0..<2).flatMap { shard in
            sample((0..<5_000).filter { $0 % 2 == shard })
        }
        #expect(sample(shards).sorted() == all)
        // Even over the study: 250 expected in each half, deviation 11.
        #expect(abs(all.count { $0 < 2_500 } - 250) < 55)
    }

    @Test func `dominance by hand`() {
        let better = StochasticDominance(of: [1, 3], over: [0, 2])
        #expect(better.firstOrderGap == 0 && better.secondOrderGap == 0)
        // 2, 2 over 0, 3: F is 0 to 2, then 1; G is 0.5 from 0, 1 from 3. The gap at 2 is 0.5; the
        // integral falls to -1 at 2 and rises to -0.5 at 3.
        let safer = StochasticDominance(of: [2, 2], over: [0, 3])
        #expect(safer.firstOrderGap == 0.5 && safer.isSecondOrder && !safer.isFirstOrder)
        let worse = StochasticDominance(of: [0, 2], over: [1, 3])
        #expect(worse.firstOrderGap == 0.5 && worse.secondOrderGap == 1)
    }
}

/// Does the pieces from the last to the first.
struct BackwardsRunner: PieceRunner {
    func pieces<Piece: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (Int) -> Piece
    ) -> [Piece] {
        (0..<count).reversed().map(work).reversed()
    }
}
