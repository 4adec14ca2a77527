import Glibc
import LotCore

/// Everything that can be added up trade by trade, in order.
///
/// - Complexity: O(1) a trade, a few nanoseconds.
struct TradeSums: Sendable {
    private(set) var count = 0
    private(set) var longs = 0
    private(set) var wins = 0
    private(set) var losses = 0
    /// Extremes and sum of f.
    private(set) var best = -Double.infinity
    private(set) var worst = Double.infinity
    private(set) var fractionSum = 0.0
    /// Sums of f of wins, and of −f of losses.
    private(set) var won = 0.0
    private(set) var lost = 0.0
    /// Sums of p of wins, and of −p of losses.
    private(set) var grossProfit = 0.0
    private(set) var grossLoss = 0.0
    private(set) var longProfit = 0.0
    private(set) var shortProfit = 0.0
    private(set) var ambiguousProfit = 0.0
    private(set) var longest: Int64 = 0
    private(set) var duration: Int64 = 0
    private(set) var winDuration: Int64 = 0
    private(set) var lossDuration: Int64 = 0
    private(set) var winStreak = 0
    private(set) var lossStreak = 0
    /// Quantity times price: of entries, and of entries and exits.
    private(set) var stakes = 0.0
    private(set) var volume = 0.0
    private(set) var funding = 0.0
    /// Starting cash plus all profits, and the deepest fall below its peak so far.
    private(set) var closedEquity: Double
    private(set) var closedDrawdown = 0.0

    private var closedPeak: Double
    /// What is taken for nothing: a billionth of the starting cash.
    private let nothing: Double
    private var runOfWins = 0
    private var runOfLosses = 0
    private var finishedLogs = 0.0
    /// Product of 1 + f since the last logarithm: one logarithm for many trades.
    private var product = 1.0

    /// Sums of no trade.
    init(startingCash: Double) {
        closedEquity = startingCash
        closedPeak = startingCash
        nothing = 1e-9 * startingCash
    }

    /// Sum of ln(1 + f); not a number once a trade lost all.
    var logSum: Double { finishedLogs + log(product) }

    /// Adds the next trade.
    @inline(__always)
    mutating func add(_ trade: TradeRecord) {
        let (profit, fraction) = (trade.profit, trade.profitFraction)
        count += 1
        let time = trade.exitTime - trade.entryTime
        best = max(best, fraction)
        worst = min(worst, fraction)
        fractionSum += fraction
        multiply(1 + fraction)
        duration += time
        longest = max(longest, time)
        if profit > 0 {
            wins += 1
            won += fraction
            grossProfit += profit
            winDuration += time
        } else if profit < 0 {
            losses += 1
            lost -= fraction
            grossLoss -= profit
            lossDuration += time
        }
        runOfWins = profit > 0 ? runOfWins + 1 : 0
        runOfLosses = profit < 0 ? runOfLosses + 1 : 0
        winStreak = max(winStreak, runOfWins)
        lossStreak = max(lossStreak, runOfLosses)
        if trade.side == .buy {
            longs += 1
            longProfit += profit
        } else {
            shortProfit += profit
        }
        if trade.isAmbiguous { ambiguousProfit += profit }
        stakes += trade.quantity * trade.entryPrice
        volume += trade.quantity * (trade.entryPrice + trade.exitPrice)
        funding += trade.funding
        close(profit)
    }

    /// Adds the sums of a later run whose amounts count `scale` times, but for what depends on the
    /// order of trades: see ``follow(_:)``.
    mutating func join(_ other: TradeSums, scale: Double) {
        count += other.count
        longs += other.longs
        wins += other.wins
        losses += other.losses
        best = max(best, other.best)
        worst = min(worst, other.worst)
        fractionSum += other.fractionSum
        won += other.won
        lost += other.lost
        grossProfit += other.grossProfit * scale
        grossLoss += other.grossLoss * scale
        longProfit += other.longProfit * scale
        shortProfit += other.shortProfit * scale
        ambiguousProfit += other.ambiguousProfit * scale
        longest = max(longest, other.longest)
        duration += other.duration
        winDuration += other.winDuration
        lossDuration += other.lossDuration
        stakes += other.stakes * scale
        volume += other.volume * scale
        funding += other.funding * scale
        finishedLogs += other.logSum
    }

    /// Adds what depends on the order of trades: streaks, and equity by closed trades.
    mutating func follow(_ profits: [Double]) {
        for profit in profits {
            runOfWins = profit > 0 ? runOfWins + 1 : 0
            runOfLosses = profit < 0 ? runOfLosses + 1 : 0
            winStreak = max(winStreak, runOfWins)
            lossStreak = max(lossStreak, runOfLosses)
            close(profit)
        }
    }

    @inline(__always)
    private mutating func close(_ profit: Double) {
        closedEquity += profit
        closedPeak = max(closedPeak, closedEquity)
        if closedEquity < closedPeak {
            let left = abs(closedEquity) > nothing ? closedEquity : 0
            closedDrawdown = max(closedDrawdown, 1 - left / closedPeak)
        }
    }

    /// The product stays far from where doubles end; below 0 or at 0 there is no logarithm.
    @inline(__always)
    private mutating func multiply(_ factor: Double) {
        product *= factor
        guard factor > 0, product > 1e-100, product < 1e100 else {
            finishedLogs += factor > 0 ? log(product) : .nan
            return product = 1
        }
    }
}
