public import LotCore

/// What statistics keep of closed trades: sums, and 24 bytes a trade.
///
/// A ``TradeRecord`` is five times as large; a search holds thousands of these, and adds to each
/// as trades close.
public struct TradeSummary: Sendable {
    private(set) var sums: TradeSums
    /// f of each trade: profit after fees over the entry's notional.
    private(set) var fractions: [Double] = []
    /// p of each trade: profit after fees, in quote currency.
    public private(set) var profits: [Double] = []
    /// Open time of each trade's exit bar (milliseconds since the epoch).
    private(set) var exitTimes: [Int64] = []

    /// A summary of no trade.
    public init(startingCash: Double) { sums = TradeSums(startingCash: startingCash) }

    /// A summary of trades in the order of their exits.
    public init(_ trades: [TradeRecord], startingCash: Double) {
        self.init(startingCash: startingCash)
        for trade in trades { add(trade) }
    }

    /// Number of trades.
    public var count: Int { sums.count }

    /// Adds the next trades in the order of exits.
    public mutating func add(_ trades: [TradeRecord]) {
        for index in trades.indices { add(trades[index]) }
    }

    /// Adds the next trade in the order of exits.
    @inline(__always)
    public mutating func add(_ trade: TradeRecord) {
        sums.add(trade)
        fractions.append(trade.profitFraction)
        profits.append(trade.profit)
        exitTimes.append(trade.exitTime)
    }

    /// Adds the trades of a later run whose amounts count `scale` times.
    mutating func join(_ other: TradeSummary, scale: Double) {
        let scaled = other.profits.map { $0 * scale }
        sums.join(other.sums, scale: scale)
        sums.follow(scaled)
        fractions += other.fractions
        profits += scaled
        exitTimes += other.exitTimes
    }
}
