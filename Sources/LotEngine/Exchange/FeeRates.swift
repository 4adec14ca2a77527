import LotCore

/// The fee rates of a run: fixed, or by what was traded in the 30 UTC days before (rule 11).
///
/// Exchanges settle a day's tier at midnight UTC, so within a day the rates stay what they are.
struct FeeRates: Sendable {
    /// Fee of resting orders, as a fraction of notional.
    private(set) var maker: Double
    /// Fee of orders that take liquidity.
    private(set) var taker: Double
    /// Whether they depend on what was traded.
    let isTiered: Bool

    private static let days = 30
    private let tiers: [FeeTier]
    private var day = Int64.min
    /// What was traded on each of the last 31 days, by the day's number; empty without tiers.
    private var traded: [Double]

    init(_ settings: RunSettings) {
        maker = settings.makerFee
        taker = settings.takerFee
        tiers = settings.feeTiers?.tiers ?? []
        isTiered = !tiers.isEmpty
        traded = [Double](repeating: 0, count: isTiered ? FeeRates.days + 1 : 0)
        if let first = tiers.first { (maker, taker) = (first.maker, first.taker) }
    }

    /// Enters the UTC day of `time` (milliseconds since the epoch), unless a later one was entered.
    ///
    /// - Complexity: O(1) within a day.
    mutating func move(to time: Int64) {
        let next = (time - (time < 0 ? millisecondsPerDay - 1 : 0)) / millisecondsPerDay
        guard next > day else { return }
        let passed = day == .min ? 0 : min(next - day, Int64(traded.count))
        day = next
        for back in 0..<passed { traded[place(-Int(back))] = 0 }
        var volume = 0.0
        for back in stride(from: FeeRates.days, to: 0, by: -1) { volume += traded[place(-back)] }
        for tier in tiers where tier.volume <= volume { (maker, taker) = (tier.maker, tier.taker) }
    }

    /// Counts what was traded today, in quote currency.
    mutating func add(_ notional: Double) { traded[place(0)] += notional }

    private func place(_ offset: Int) -> Int {
        let count = Int64(traded.count)
        return Int(((day + Int64(offset)) % count + count) % count)
    }
}
