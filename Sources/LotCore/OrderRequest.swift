/// The side of an order or fill.
public enum Side: String, Sendable, Hashable {
    /// Buys the base currency.
    case buy
    /// Sells it.
    case sell

    /// +1 for buy, −1 for sell.
    @inlinable
    public var sign: Double { self == .buy ? 1 : -1 }

    /// The other side.
    @inlinable
    public var opposite: Side { self == .buy ? .sell : .buy }
}

/// How an order executes.
public enum OrderType: String, Sendable, Hashable, CaseIterable {
    /// At the next open, whatever the price.
    case market
    /// At `price` or better.
    case limit
    /// Becomes a market order when the price reaches `stopPrice` from the better side.
    case stopMarket = "stop_market"
    /// Becomes a market order when the price reaches `stopPrice` from the worse side.
    case takeProfit = "take_profit"
    /// Becomes a limit order at `price` when the price reaches `stopPrice` from the better side.
    case stopLimit = "stop_limit"
    /// A stop that follows the best price since its arrival at `trailingStop`'s distance.
    case trailingStop = "trailing_stop"
}

/// How long an order lives.
public enum TimeInForce: String, Sendable, Hashable, CaseIterable {
    /// Until it is filled or cancelled.
    case gtc
    /// Immediate or cancel: what its first open does not fill expires.
    case ioc
    /// Fill or kill: its first open fills all of it or nothing.
    case fok
}

/// How much to trade; resolved to a quantity at the fill (limit orders: at submission).
public enum Size: Sendable, Hashable {
    /// A fraction of equity, at most the free cash.
    case equity(Double)
    /// An amount of quote currency, fees included, at most the free cash.
    case quote(Double)
    /// A quantity of base currency; beyond the balance the order is rejected.
    case base(Double)
    /// The fraction of equity lost, fees included, if the order's stop loss is hit.
    case risk(Double)
}

/// Exits that become active with an entry's fill; fractions of the average entry price.
///
/// 32 bytes of plain memory: a part that is off is stored as not a number.
public struct Bracket: Sendable, Hashable {
    private var stopLossOrNaN: Double
    private var takeProfitOrNaN: Double
    private var trailingStopOrNaN: Double
    private var maxBarsOrZero: Int

    /// Makes a bracket; parts left out are off.
    public init(
        stopLoss: Double? = nil, takeProfit: Double? = nil, trailingStop: Double? = nil,
        maxBars: Int? = nil
    ) {
        stopLossOrNaN = stopLoss ?? .nan
        takeProfitOrNaN = takeProfit ?? .nan
        trailingStopOrNaN = trailingStop ?? .nan
        maxBarsOrZero = maxBars ?? 0
    }

    /// Loss at which a stop closes the position: 0.05 is 5 % below the entry of a long.
    public var stopLoss: Double? {
        get { stopLossOrNaN.isNaN ? nil : stopLossOrNaN }
        set { stopLossOrNaN = newValue ?? .nan }
    }

    /// Profit at which a limit closes the position.
    public var takeProfit: Double? {
        get { takeProfitOrNaN.isNaN ? nil : takeProfitOrNaN }
        set { takeProfitOrNaN = newValue ?? .nan }
    }

    /// Distance of a stop that follows the best price since the entry.
    public var trailingStop: Double? {
        get { trailingStopOrNaN.isNaN ? nil : trailingStopOrNaN }
        set { trailingStopOrNaN = newValue ?? .nan }
    }

    /// The position is closed at the open this many bars after its entry bar; 1 or more.
    public var maxBars: Int? {
        get { maxBarsOrZero == 0 ? nil : maxBarsOrZero }
        set { maxBarsOrZero = newValue ?? 0 }
    }

    /// Whether a part depends on prices: a stop, a target, a trailing stop.
    public var hasPrices: Bool {
        !(stopLossOrNaN.isNaN && takeProfitOrNaN.isNaN && trailingStopOrNaN.isNaN)
    }

    /// Whether every part is off.
    public var isEmpty: Bool { !hasPrices && maxBarsOrZero == 0 }

    /// Whether two brackets have the same parts.
    public static func == (a: Bracket, b: Bracket) -> Bool { a.parts == b.parts }

    /// Feeds the parts to a hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(parts) }

    private var parts: [UInt64] {
        [
            stopLossOrNaN.bitPattern, takeProfitOrNaN.bitPattern, trailingStopOrNaN.bitPattern,
            UInt64(bitPattern: Int64(maxBarsOrZero)),
        ]
    }
}

/// What a strategy asks for.
public struct OrderRequest: Sendable, Hashable {
    /// Buy or sell.
    public var side: Side
    /// How it executes.
    public var type: OrderType
    /// How much.
    public var size: Size
    /// Limit price, for limit and stop-limit orders.
    public var price: Double?
    /// Trigger price, for stop, stop-limit and take-profit orders; of a trailing stop in a run's
    /// record the trigger where it stood last.
    public var stopPrice: Double?
    /// Distance of a trailing stop from the best price, as a fraction of it.
    public var trailingStop: Double?
    /// How long it lives.
    public var timeInForce: TimeInForce
    /// Whether it is refused if it would take liquidity when it arrives; limits only.
    public var postOnly: Bool
    /// Whether it may only shrink a position.
    public var reduceOnly: Bool
    /// Exits that become active when it opens a position.
    public var bracket: Bracket
    /// The user's label, shown with orders and trades; empty for none.
    public var tag: String
    /// The leg it is for, in hedge mode; `nil` is the leg that its side opens.
    public var positionSide: PositionSide?

    /// Makes a request; by default a market order over all equity.
    public init(
        _ side: Side, type: OrderType = .market, size: Size = .equity(1), price: Double? = nil,
        stopPrice: Double? = nil, trailingStop: Double? = nil, timeInForce: TimeInForce = .gtc,
        postOnly: Bool = false, reduceOnly: Bool = false, bracket: Bracket = Bracket(),
        tag: String = "",
        positionSide: PositionSide? = nil
    ) {
        self.side = side
        self.type = type
        self.size = size
        self.price = price
        self.stopPrice = stopPrice
        self.trailingStop = trailingStop
        self.timeInForce = timeInForce
        self.postOnly = postOnly
        self.reduceOnly = reduceOnly
        self.bracket = bracket
        self.tag = tag
        self.positionSide = positionSide
    }
}
