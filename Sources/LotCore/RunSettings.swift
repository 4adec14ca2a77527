/// How fills are moved against the trader.
public enum Slippage: Sendable, Hashable, CustomStringConvertible {
    /// Not at all.
    case none
    /// By so many basis points (1 bp = 0.01 %) of the reference price.
    case basisPoints(Double)

    /// As written on the command line: `none`, `bps:2.0`.
    public var description: String {
        switch self {
        case .none: "none"
        case .basisPoints(let points): "bps:\(points)"
        }
    }
}

/// What to do where bars are missing.
public enum GapPolicy: String, Sendable, Hashable, CaseIterable {
    /// No bar, no decision; orders stay where they are.
    case hold
    /// Flat bars of zero volume at the last close are inserted.
    case fill
    /// The run is refused.
    case error
}

/// What is assumed about the path inside a bar.
public enum IntrabarModel: String, Sendable, Hashable, CaseIterable {
    /// The worse outcome for the trader, wherever two could happen.
    case worst
}

/// Everything besides data, script and parameters that decides a run's result.
public struct RunSettings: Sendable, Hashable {
    /// Cash at the start, in quote currency.
    public var startingCash: Double
    /// Fee of resting orders, as a fraction of notional; negative for a rebate.
    public var makerFee: Double
    /// Fee of orders that take liquidity, as a fraction of notional.
    public var takerFee: Double
    /// How fills are moved against the trader.
    public var slippage: Slippage
    /// The fills of one bar take together at most this fraction of its volume; `nil` is off.
    public var volumeLimit: Double?
    /// What to do where bars are missing.
    public var gaps: GapPolicy
    /// Whether a resting limit order fills when a bar only touches its price.
    public var fillOnTouch: Bool
    /// What is assumed about the path inside a bar.
    public var intrabar: IntrabarModel
    /// Seed of the script's random numbers.
    public var seed: UInt64
    /// Most positions that a run over several symbols holds at once; `nil` is no limit.
    public var maxOpenPositions: Int?
    /// Days of a year, for annualised ratios: 365, since crypto markets never close.
    public var daysPerYear: Double
    /// What concerns perpetuals only.
    public var perpetual: PerpetualSettings

    /// Makes settings with the pessimistic defaults of `docs/execution.md`.
    public init(
        startingCash: Double = 10_000, makerFee: Double = 0.001, takerFee: Double = 0.001,
        slippage: Slippage = .basisPoints(2), volumeLimit: Double? = 0.1,
        gaps: GapPolicy = .hold, fillOnTouch: Bool = false, intrabar: IntrabarModel = .worst,
        seed: UInt64 = 0, daysPerYear: Double = 365,
        perpetual: PerpetualSettings = PerpetualSettings(), maxOpenPositions: Int? = nil
    ) {
        self.startingCash = startingCash
        self.makerFee = makerFee
        self.takerFee = takerFee
        self.slippage = slippage
        self.volumeLimit = volumeLimit
        self.gaps = gaps
        self.fillOnTouch = fillOnTouch
        self.intrabar = intrabar
        self.seed = seed
        self.daysPerYear = daysPerYear
        self.maxOpenPositions = maxOpenPositions
        self.perpetual = perpetual
    }
}
