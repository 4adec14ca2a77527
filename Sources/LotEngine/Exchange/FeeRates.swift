import LotCore

/// The fee rates of a run: fixed, or by what was traded in the 30 UTC days before (rule 11).
///
/// Exchanges settle a day's tier at midnight UTC, so within a day the rates stay what they are.
struct FeeRates {
    /// Fee of resting orders, as a fraction of notional.
    private(set) var maker: Double
    /// Fee of orders that take liquidity.
    private(set) var taker: Double
    /// Whether they depend on what was traded.
    let isTiered: Bool

    private static let days = 30
    private let tiers: [FeeTier]
    private var day = Int64.min
    /// What the account traded; `nil` without tiers.
    private let traded: TradedVolume?

    /// Rates of an exchange.
    ///
    /// - Parameters:
    ///   - settings: Rates or tiers.
    ///   - traded: What the account trades, where several exchanges share it.
    init(_ settings: RunSettings, _ traded: TradedVolume? = nil) {
        maker = settings.makerFee
        taker = settings.takerFee
        tiers = settings.feeTiers?.tiers ?? []
        isTiered = !tiers.isEmpty
        self.traded = isTiered ? traded ?? TradedVolume() : nil
        if let first = tiers.first { (maker, taker) = (first.maker, first.taker) }
    }

    /// Enters the UTC day of `time` (milliseconds since the epoch), unless a later one was entered.
    ///
    /// - Complexity: O(1) within a day.
    mutating func move(to time: Int64) {
        let next = (time - (time < 0 ? millisecondsPerDay - 1 : 0)) / millisecondsPerDay
        guard next > day else { return }
        day = next
        let volume = traded?.sum(ofDays: FeeRates.days, before: day) ?? 0
        for tier in tiers where tier.volume <= volume { (maker, taker) = (tier.maker, tier.taker) }
    }

    /// Counts what was traded today, in quote currency.
    func add(_ notional: Double) { traded?.add(notional, on: day) }
}

/// What an account traded on each of the last UTC days, in quote currency.
///
/// All its positions share one: an exchange counts the account's volume, not a symbol's. Not
/// thread-safe: it belongs to one run.
final class TradedVolume {
    /// Days that are kept: the 30 of a tier, and those of the longest bar, whose finer bars one
    /// position may have walked before another begins with them.
    private static let capacity = 128
    private var days = [Int64](repeating: .min, count: capacity)
    private var volumes = [Double](repeating: 0, count: capacity)

    /// Counts what was traded on a day.
    func add(_ notional: Double, on day: Int64) {
        let place = TradedVolume.place(day)
        if days[place] < day { (days[place], volumes[place]) = (day, 0) }
        if days[place] == day { volumes[place] += notional }
    }

    /// Adds up the last `count` days before `day`, oldest first.
    func sum(ofDays count: Int, before day: Int64) -> Double {
        var sum = 0.0
        for back in stride(from: Int64(count), to: 0, by: -1) {
            let place = TradedVolume.place(day - back)
            if days[place] == day - back { sum += volumes[place] }
        }
        return sum
    }

    private static func place(_ day: Int64) -> Int {
        let count = Int64(capacity)
        return Int((day % count + count) % count)
    }
}
