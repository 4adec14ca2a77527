import LotCore

/// Monte Carlo over a run's trades: what other orders, or other draws, of the same trades would
/// have done to the account.
///
/// Trades are given as fractions of the account, g: the account grows by 1 + g with each.
///
/// - *Shuffled*, the trades are all there, in another order: the final account is the same (a
///   product does not depend on the order), the drawdowns on the way are not. Worked example:
///   +50 %, −20 %, −20 %, +50 % falls by 36 % in this order, by 20 % at most in the order +50 %,
///   −20 %, +50 %, −20 %; the account ends at 1.44 in both.
/// - *Drawn* with replacement (Efron's bootstrap), each is a trade of the run by lot: some come
///   twice, some never, and the final account varies too.
///
/// Both take trades as independent of each other: where losses come in rows, because markets
/// turn or positions overlap, the drawdowns here are too small (``StationaryBootstrap`` keeps
/// rows of days together). Drawdowns are those of closed trades: `closed_max_drawdown`.
///
/// - Complexity: O(trades · resamples), a few nanoseconds each.
/// - SeeAlso: Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics
///   7(1), 1979. Fisher and Yates, "Statistical Tables", 1938 (the shuffle).
public struct TradeResampling: Sendable, Equatable {
    /// How a resample is made.
    public enum Method: String, Sendable, CaseIterable {
        /// All trades in another order.
        case shuffle
        /// As many trades, drawn with replacement.
        case bootstrap
    }

    /// How resamples were made.
    public let method: Method
    /// How many there are.
    public let resamples: Int
    /// Number of trades.
    public let trades: Int
    /// Of the run itself: the largest fall below the peak so far.
    public let actualDrawdown: Double
    /// Of the run itself: final over starting account, less 1.
    public let actualReturn: Double
    /// Of the resamples.
    public let maxDrawdown: Band
    /// Of the resamples; the run's own three times for a shuffle.
    public let totalReturn: Band
    /// The share of resamples with a deeper drawdown than the run's: near 1, the run was lucky in
    /// the order of its trades.
    public let deeperShare: Double
    /// The share of resamples that end below where they began.
    public let lossProbability: Double
    /// The closed account by trade, for a chart: evenly spaced trades with the start and the last.
    public let fan: [FanPoint]

    /// Each trade's profit over the account before it, from profits in the order of exits: with
    /// them a run's closed account is `startingCash · Π (1 + g)`.
    ///
    /// - Returns: `nil` once the closed account is 0 or less, or a profit is not finite.
    public static func accountFractions(
        profits: [Double], startingCash: Double
    ) -> [Double]? {
        var account = startingCash
        var fractions: [Double] = []
        for profit in profits {
            guard account > 0, profit.isFinite else { return nil }
            fractions.append(profit / account)
            account += profit
        }
        return account > 0 ? fractions : nil
    }

    /// Resamples trades; `nil` for fewer than two trades, or one that lost the whole account.
    ///
    /// - Parameters:
    ///   - fractions: g of each trade, in order (``accountFractions(profits:startingCash:)``).
    ///   - method: How resamples are made.
    ///   - resamples: How many, at least 1; 1,000 put a 95 % quantile within about one percent
    ///     of all resamples.
    ///   - seed: Decides every draw; a resample has a generator of its own.
    ///   - runner: Who does the work; the result does not depend on it.
    public init?(
        _ fractions: [Double], _ method: Method, resamples: Int = 1_000, seed: UInt64,
        runner: some PieceRunner = SerialRunner()
    ) {
        guard fractions.count > 1, resamples > 0,
            fractions.allSatisfy({ $0.isFinite && $0 > -1 })
        else { return nil }
        let pieces = resamplePieces(resamples)
        let steps = fanSteps(fractions.count, Self.fanPoints)
        let paths = runner.pieces(pieces.count) { piece in
            var order = fractions
            return pieces[piece].map { resample in
                var random = Xoshiro256(seed: seed, stream: resample)
                Self.draw(method, fractions, &order, &random)
                return Path(order, steps)
            }
        }.flatMap(\.self)
        let actual = Path(fractions, [])
        self.method = method
        self.resamples = resamples
        trades = fractions.count
        actualDrawdown = actual.drawdown
        actualReturn = actual.growth - 1
        maxDrawdown = Band(of: paths.map(\.drawdown))
        let isFixed = method == .shuffle
        totalReturn =
            isFixed
            ? Band(low: actualReturn, median: actualReturn, high: actualReturn)
            : Band(of: paths.map { $0.growth - 1 })
        // Another order of the same falls may differ in its last bits.
        let deeper = actual.drawdown * (1 + 1e-12)
        deeperShare = Double(paths.count { $0.drawdown > deeper }) / Double(resamples)
        let losses = isFixed ? (actualReturn < 0 ? resamples : 0) : paths.count { $0.growth < 1 }
        lossProbability = Double(losses) / Double(resamples)
        fan = FanPoint.fan(steps, growth: fractions, of: paths.map(\.fan))
    }

    /// Most points of the fan.
    private static let fanPoints = 200

    private static func draw(
        _ method: Method, _ fractions: [Double], _ order: inout [Double],
        _ random: inout Xoshiro256
    ) {
        switch method {
        case .shuffle:
            // From the run's own order each time, so that a resample depends on nothing before.
            for index in order.indices { order[index] = fractions[index] }
            for last in stride(from: order.count - 1, to: 0, by: -1) {
                order.swapAt(last, random.below(last + 1))
            }
        case .bootstrap:
            for index in order.indices { order[index] = fractions[random.below(order.count)] }
        }
    }

    /// An account through trades.
    private struct Path {
        var growth = 1.0
        var drawdown = 0.0
        /// The account after each of some numbers of trades.
        var fan: [Double] = []

        init(_ fractions: [Double], _ steps: [Int]) {
            var peak = 1.0
            fan.reserveCapacity(steps.count)
            for (passed, fraction) in fractions.enumerated() {
                if fan.count < steps.count, steps[fan.count] == passed { fan.append(growth) }
                growth *= 1 + fraction
                peak = max(peak, growth)
                drawdown = max(drawdown, 1 - growth / peak)
            }
            if fan.count < steps.count { fan.append(growth) }
        }
    }
}
