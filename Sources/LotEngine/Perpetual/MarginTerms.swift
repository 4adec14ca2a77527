import LotCore

/// What decides margin and liquidation of perpetual positions (`docs/execution.md`, rule 13).
///
/// Signed positions: long above 0, short below. A position's *collateral* is the part of what
/// answers for it that does not move with the price: its equity at a price is
/// `collateral + position · price`. Isolated that is `margin − position · entry price`, cross it is
/// the account's cash.
struct MarginTerms: Sendable {
    /// Margin per unit of notional that a new position sets aside: 1 / leverage.
    let initialRate: Double
    /// Whether the whole account answers for a position.
    let isCross: Bool
    /// Maintenance-margin table, never empty.
    let tiers: [MaintenanceTier]
    /// Fee of a liquidation as a fraction of notional.
    let liquidationFee: Double
    /// Notional value that a position may have at this leverage.
    let largestNotional: Double

    init(_ instrument: Instrument, _ settings: PerpetualSettings) {
        initialRate = 1 / settings.leverage
        isCross = settings.margin == .cross
        tiers = settings.tiers(instrument)
        liquidationFee = settings.liquidationFee(instrument)
        let allowed = tiers.prefix { $0.maxLeverage >= settings.leverage }.count
        let most = instrument.maxLeverage ?? .infinity
        largestNotional =
            allowed == 0 || settings.leverage > most
            ? 0 : allowed < tiers.count ? tiers[allowed].notionalFloor : .infinity
    }

    /// The maintenance margin of a notional value, in quote currency.
    func maintenance(notional: Double) -> Double {
        var tier = tiers[0]
        for next in tiers.dropFirst() where next.notionalFloor <= notional { tier = next }
        return tier.margin(notional: notional)
    }

    /// The mark price at which `collateral + position · price` falls to the maintenance margin.
    ///
    /// Binance's formula, LP = (WB − TMM + UPNL + cum − s·Q·EP) / (Q·(MMR − s)) with s = 1 for long
    /// and −1 for short, `WB − TMM + UPNL − s·Q·EP` being the collateral; the tier is that of the
    /// notional value at LP.
    /// - SeeAlso: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts".
    /// - Parameters:
    ///   - position: Not 0.
    ///   - collateral: In quote currency.
    /// - Returns: The price; 0 for a long position that no price liquidates.
    /// - Complexity: O(tiers).
    func liquidationPrice(position: Double, collateral: Double) -> Double {
        let quantity = abs(position)
        var level = 0.0
        for index in tiers.indices {
            let tier = tiers[index]
            level =
                position > 0
                ? (collateral + tier.deduction) / (quantity * (tier.rate - 1))
                : (collateral + tier.deduction) / (quantity * (tier.rate + 1))
            // The margin is continuous and convex in the notional, so the first tier whose own
            // level lies below the next tier is the one.
            guard index + 1 < tiers.count, level * quantity >= tiers[index + 1].notionalFloor
            else { break }
        }
        return max(0, level)
    }

    /// The price at which nothing is left of the collateral: 0 where no price takes it all.
    static func bankruptcyPrice(position: Double, collateral: Double) -> Double {
        max(0, -collateral / position)
    }
}
