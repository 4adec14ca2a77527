/// One step of a perpetual's maintenance-margin table.
///
/// A position whose notional value N (quantity × mark price, in quote currency) is at least
/// ``notionalFloor`` and below the next tier's needs `N · rate − deduction` of maintenance margin.
/// The deduction makes the margin continuous: `deductionᵢ = deductionᵢ₋₁ + floorᵢ · (rateᵢ −
/// rateᵢ₋₁)`, so each part of the notional is charged its own tier's rate, as with income tax.
/// - SeeAlso: Binance, "Leverage and Margin of USDⓈ-M Futures"; the members of
///   `GET /fapi/v1/leverageBracket` are `notionalFloor`, `maintMarginRatio`, `cum` and
///   `initialLeverage`.
public struct MaintenanceTier: Sendable, Hashable {
    /// Smallest notional value of the tier, in quote currency; 0 for the first tier.
    public var notionalFloor: Double
    /// Maintenance margin per unit of notional value, above 0 and below 1.
    public var rate: Double
    /// What is taken off `notional · rate`, in quote currency; 0 for the first tier.
    public var deduction: Double
    /// Largest leverage that a position of this size may have, at least 1.
    public var maxLeverage: Double

    /// Makes a tier.
    public init(notionalFloor: Double, rate: Double, deduction: Double, maxLeverage: Double) {
        self.notionalFloor = notionalFloor
        self.rate = rate
        self.deduction = deduction
        self.maxLeverage = maxLeverage
    }

    /// The maintenance margin of a position of this tier, in quote currency.
    @inlinable
    public func margin(notional: Double) -> Double { notional * rate - deduction }

    /// Returns why a table of tiers is not one, or `nil` if it is.
    ///
    /// Floors start at 0 and rise, rates rise, leverages fall, and each deduction is the one that
    /// makes the margin continuous, to a hundredth of the quote currency or a millionth of itself.
    /// - Complexity: O(tiers).
    public static func problem(_ tiers: [MaintenanceTier]) -> String? {
        for (index, tier) in tiers.enumerated() {
            let name = "tier \(index + 1)"
            guard tier.rate > 0, tier.rate < 1 else {
                return "\(name): the rate \(tier.rate) is not between 0 and 1"
            }
            guard tier.maxLeverage >= 1, tier.maxLeverage.isFinite else {
                return "\(name): the leverage \(tier.maxLeverage) is not at least 1"
            }
            guard index > 0 else {
                if tier.notionalFloor != 0 { return "\(name): its floor is not 0" }
                if tier.deduction != 0 { return "\(name): its deduction is not 0" }
                continue
            }
            let below = tiers[index - 1]
            guard tier.notionalFloor > below.notionalFloor, tier.notionalFloor.isFinite else {
                return "\(name): the floor \(tier.notionalFloor) is not above the tier before"
            }
            guard tier.rate >= below.rate else {
                return "\(name): the rate \(tier.rate) is below the tier before"
            }
            guard tier.maxLeverage <= below.maxLeverage else {
                return "\(name): the leverage \(tier.maxLeverage) is above the tier before"
            }
            let expected = below.deduction + tier.notionalFloor * (tier.rate - below.rate)
            guard abs(tier.deduction - expected) <= max(0.01, expected * 1e-6) else {
                return "\(name): the deduction \(tier.deduction) is not \(expected), which would "
                    + "make the margin continuous"
            }
        }
        return nil
    }
}

extension Instrument {
    /// The tier of a position's notional value (its absolute value counts); `nil` without a table.
    ///
    /// - Complexity: O(tiers); positions are mostly in the first.
    @inlinable
    public func maintenanceTier(notional: Double) -> MaintenanceTier? {
        let size = abs(notional)
        var found: MaintenanceTier?
        for tier in maintenanceTiers {
            guard tier.notionalFloor <= size else { break }
            found = tier
        }
        return found
    }

    /// The maintenance margin of a position, in quote currency; `nil` without a table.
    ///
    /// - Parameter notional: Quantity × mark price; its sign does not matter.
    /// - Returns: The margin that the tiers ask for.
    /// - Complexity: O(tiers).
    @inlinable
    public func maintenanceMargin(notional: Double) -> Double? {
        maintenanceTier(notional: notional)?.margin(notional: abs(notional))
    }
}
