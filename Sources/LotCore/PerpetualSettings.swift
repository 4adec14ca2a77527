/// Which money answers for a perpetual position's losses.
public enum MarginMode: String, Sendable, Hashable, CaseIterable {
    /// The margin of the position alone: a liquidation costs at most that.
    case isolated
    /// The whole account.
    case cross
}

/// How many positions an account may have in one perpetual.
public enum PositionMode: String, Sendable, Hashable, CaseIterable {
    /// One, long or short: an order against it makes it smaller, or turns it.
    case oneWay = "one-way"
    /// A long and a short leg side by side.
    case hedge
}

/// The settings of a run that concern perpetuals only (`docs/execution.md`, rule 13).
public struct PerpetualSettings: Sendable, Hashable {
    /// Maintenance margin per unit of notional where an instrument's table is not known.
    public static let defaultMaintenanceRate = 0.01
    /// Liquidation fee as a fraction of notional where an instrument's is not known.
    public static let defaultLiquidationFee = 0.0125

    /// Notional value over the margin that is set aside for it; at least 1.
    public var leverage: Double
    /// Which money answers for losses.
    public var margin: MarginMode
    /// One position or two legs.
    public var positionMode: PositionMode
    /// Whether funding is charged.
    public var chargesFunding: Bool
    /// Maintenance margin per unit of notional in place of the instrument's table; `nil` takes the
    /// table.
    public var maintenanceRate: Double?

    /// Makes settings; by default without leverage.
    public init(
        leverage: Double = 1, margin: MarginMode = .isolated, positionMode: PositionMode = .oneWay,
        chargesFunding: Bool = true, maintenanceRate: Double? = nil
    ) {
        self.leverage = leverage
        self.margin = margin
        self.positionMode = positionMode
        self.chargesFunding = chargesFunding
        self.maintenanceRate = maintenanceRate
    }

    /// The maintenance-margin table that a run in `instrument` has: the rate that was asked for,
    /// else the instrument's table, else ``defaultMaintenanceRate``.
    public func tiers(_ instrument: Instrument) -> [MaintenanceTier] {
        if maintenanceRate == nil, !instrument.maintenanceTiers.isEmpty {
            return instrument.maintenanceTiers
        }
        let rate = maintenanceRate ?? PerpetualSettings.defaultMaintenanceRate
        // A position whose initial margin is no more than its maintenance margin would be
        // liquidated as it is opened.
        let largest = min(instrument.maxLeverage ?? .infinity, max(1, 1 / rate))
        return [MaintenanceTier(notionalFloor: 0, rate: rate, deduction: 0, maxLeverage: largest)]
    }

    /// The liquidation fee of a run in `instrument`.
    public func liquidationFee(_ instrument: Instrument) -> Double {
        instrument.liquidationFee ?? PerpetualSettings.defaultLiquidationFee
    }
}
