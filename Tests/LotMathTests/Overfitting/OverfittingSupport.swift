import Testing

@testable import LotMath

/// Made-up returns, bit by bit those of `Golden/make_overfitting.py`.
enum MadeUp {
    static let days = 325

    /// An autoregression: `x = memory · x + u − 0.5`.
    static func autoregression(_ seed: UInt64, _ count: Int, _ memory: Double) -> [Double] {
        var random = SeededNumbers(seed)
        var x = 0.0
        return (0..<count).map { _ in
            x = memory * x + (random.unit() - 0.5)
            return x
        }
    }

    /// A moving average: `x = e + share · (e one step ago)` with e = u − 0.5.
    static func movingAverage(_ seed: UInt64, _ count: Int, _ share: Double) -> [Double] {
        var random = SeededNumbers(seed)
        var last = 0.0
        return (0..<count).map { _ in
            let now = random.unit() - 0.5
            defer { last = now }
            return now + share * last
        }
    }

    /// Day returns of trials: a drift of trial 7, and a share of what all have in common.
    static func trials(
        _ count: Int = 30, days: Int = days, drift: Double = 0, common: Double = 0
    ) -> [[Double]] {
        var shared = SeededNumbers(99)
        let market = (0..<days).map { _ in (shared.unit() - 0.5) * 0.04 }
        return (0..<count).map { trial in
            var random = SeededNumbers(UInt64(100 + trial))
            return (0..<days).map { day in
                let own = (random.unit() - 0.5) * 0.04
                return (trial == 7 ? drift : 0) + own + common * market[day]
            }
        }
    }
}

extension TrialBlocks {
    /// The sums of trials, numbered from 0.
    init(returns: [[Double]], blocks: Int = BlockSums.count) {
        self.init(lengths: BlockSums.lengths(days: returns.first?.count ?? 0, blocks: blocks))
        for (number, row) in returns.enumerated() {
            var sums: [Double] = []
            BlockSums.append(of: row, blocks: blocks, to: &sums)
            add(sums, number: number)
        }
    }
}
