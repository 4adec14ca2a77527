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

    /// The mark price at which what answers for a position falls to the maintenance margin.
    ///
    /// Binance's formula, LP = (WB − TMM + UPNL + cum − s·Q·EP) / (Q·(MMR − s)) with s = 1 for long
    /// and −1 for short, `WB − TMM + UPNL − s·Q·EP` being the collateral; the tier is that of the
    /// notional value at LP. In hedge mode with cross margin both legs move with the price:
    /// LP = (collateral + cum of both) / (Q·MMR + Q'·MMR' − sQ − s'Q'), and it liquidates the leg
    /// that loses there.
    /// - SeeAlso: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts".
    /// - Parameters:
    ///   - position: Not 0.
    ///   - counter: The other leg where it shares the collateral, else 0.
    ///   - collateral: In quote currency.
    /// - Returns: The price; where none liquidates it, 0 for a long position and infinity for a
    ///   short one.
    /// - Complexity: O(tiers).
    func liquidationPrice(
        position: Double, counter: Double = 0, collateral: Double
    ) -> Double {
        let (quantity, other) = (abs(position), abs(counter))
        var (tier, otherTier) = (0, 0)
        while true {
            let slope =
                position + counter - quantity * tiers[tier].rate - other * tiers[otherTier].rate
            var base = collateral + tiers[tier].deduction
            if other > 0 { base += tiers[otherTier].deduction }
            guard position > 0 ? slope > 0 : slope < 0 else { return position > 0 ? 0 : .infinity }
            let level = max(0, -base / slope)
            // The margin is continuous and convex in the notional, so the first tier whose own
            // level lies below the next tier is the one.
            if isBeyond(tier, quantity * level) {
                tier += 1
            } else if isBeyond(otherTier, other * level) {
                otherTier += 1
            } else {
                return level
            }
        }
    }

    private func isBeyond(_ tier: Int, _ notional: Double) -> Bool {
        tier + 1 < tiers.count && notional >= tiers[tier + 1].notionalFloor
    }

    /// The price at which nothing is left of the collateral: 0 where no price takes it all.
    static func bankruptcyPrice(
        position: Double, counter: Double = 0, collateral: Double
    ) -> Double {
        let net = position + counter
        return net != 0 && (net > 0) == (position > 0) ? max(0, -collateral / net) : 0
    }
}
