/// A step of prices or quantities as an exact decimal: `mantissa · 10^-exponent`.
///
/// Rounding works on the integer number of steps, so an on-grid value stays where it is: plain
/// `ceil(price / tick)` goes a whole tick too far for prices that binary fractions miss.
public struct DecimalStep: Sendable, Hashable, CustomStringConvertible {
    /// Digits of the step without its point; greater than 0.
    public let mantissa: Int64
    /// Number of digits after the point, 0...18.
    public let exponent: Int
    @usableFromInline let scale: Double
    @usableFromInline let width: Double

    /// Makes a step; `nil` if it is not positive or has more than 18 decimals.
    public init?(mantissa: Int64, exponent: Int) {
        guard mantissa > 0, (0...18).contains(exponent) else { return nil }
        self.mantissa = mantissa
        self.exponent = exponent
        var power = 1.0
        for _ in 0..<exponent { power *= 10 }
        scale = power
        width = Double(mantissa)
    }

    /// Reads a plain decimal such as `0.01`, `5` or `0.00001000`; `nil` for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty else { return nil }
        var fraction = parts.count == 2 ? parts[1] : ""
        if parts.count == 2, fraction.isEmpty { return nil }
        while fraction.last == "0" { fraction.removeLast() }
        let digits = whole + fraction
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let mantissa = Int64(digits)
        else { return nil }
        self.init(mantissa: mantissa, exponent: fraction.count)
    }

    /// The step's size.
    public var size: Double { width / scale }

    /// The decimal without trailing zeros.
    public var description: String {
        guard exponent > 0 else { return String(mantissa) }
        let digits = String(mantissa)
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
        return padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }

    /// Returns the largest multiple of the step that is at most `value`.
    @inlinable
    @inline(__always)
    public func floor(_ value: Double) -> Double { multiple(steps(value, .down)) }

    /// Returns the smallest multiple of the step that is at least `value`.
    @inlinable
    @inline(__always)
    public func ceil(_ value: Double) -> Double { multiple(steps(value, .up)) }

    /// Returns the number of steps in `value`, a whole number.
    ///
    /// That is the nearest integer if within 1e-6 of it, else rounded as `rule` says. Infinite or
    /// not-a-number values come back unchanged.
    /// Beyond 2·10⁹ steps the three roundings of value, product and quotient can exceed 1e-6;
    /// there the margin is two units in the last place.
    @inlinable
    @inline(__always)
    public func steps(_ value: Double, _ rule: FloatingPointRoundingRule) -> Double {
        let exact = width == 1 ? value * scale : value * scale / width
        // Adding and taking away 1.5 · 2⁵² leaves the nearest whole number, ties to even, without
        // a call of the C library; beyond 2⁵¹ the sum has no room for that.
        guard abs(exact) < 0x1p51 else { return exact.rounded(rule) }
        let near = (exact + 0x1.8p52) - 0x1.8p52
        let margin = max(1e-6, abs(exact) * 0x1p-51)
        if abs(exact - near) <= margin { return near }
        switch rule {
        case .down: return near > exact ? near - 1 : near
        case .up: return near < exact ? near + 1 : near
        case .toNearestOrEven: return near
        default: return exact.rounded(rule)
        }
    }

    /// Returns `count` steps as the nearest double: `Double(n · m) / 10^k`.
    @inlinable
    @inline(__always)
    public func multiple(_ count: Double) -> Double { count * width / scale }
}

/// A symbol and the exchange's rules for it.
///
/// Steps and minimums are `nil` where nothing is known; then nothing is rounded or refused, and
/// the run says so. Perpetuals are linear: margined and settled in the quote currency, one contract
/// is one unit of the base currency (inverse and quanto contracts are not modelled).
public struct Instrument: Sendable, Hashable {
    /// Spot or perpetuals; only perpetuals can be sold short.
    public var market: Market
    /// Price step.
    public var tickSize: DecimalStep?
    /// Quantity step.
    public var lotSize: DecimalStep?
    /// Smallest quantity of an order, in base currency.
    public var minQuantity: Double?
    /// Smallest price × quantity of an order, in quote currency.
    public var minNotional: Double?
    /// Perpetuals: the largest leverage that may be set, at least 1.
    public var maxLeverage: Double?
    /// Perpetuals: the maintenance-margin table, lowest notional value first; empty if unknown.
    public var maintenanceTiers: [MaintenanceTier]
    /// Perpetuals: what a liquidation costs, as a fraction of the notional value it closes.
    public var liquidationFee: Double?
    /// Perpetuals: hours between two fundings.
    public var fundingHours: Int?

    /// Makes an instrument; by default nothing is known of it.
    public init(
        market: Market = .spot, tickSize: DecimalStep? = nil, lotSize: DecimalStep? = nil,
        minQuantity: Double? = nil, minNotional: Double? = nil, maxLeverage: Double? = nil,
        maintenanceTiers: [MaintenanceTier] = [], liquidationFee: Double? = nil,
        fundingHours: Int? = nil
    ) {
        self.market = market
        self.tickSize = tickSize
        self.lotSize = lotSize
        self.minQuantity = minQuantity
        self.minNotional = minNotional
        self.maxLeverage = maxLeverage
        self.maintenanceTiers = maintenanceTiers
        self.liquidationFee = liquidationFee
        self.fundingHours = fundingHours
    }

    /// Whether no rule for orders is known.
    public var isUnknown: Bool {
        tickSize == nil && lotSize == nil && minQuantity == nil && minNotional == nil
    }

    /// Returns `price` rounded to the tick against a trader on `side`: up to buy, down to sell.
    @inlinable
    @inline(__always)
    public func roundAgainst(_ side: Side, _ price: Double) -> Double {
        guard let tickSize else { return price }
        return side == .buy ? tickSize.ceil(price) : tickSize.floor(price)
    }

    /// Returns the price of a fill: rounded as by ``roundAgainst(_:_:)``, but nothing is sold below
    /// one tick.
    @inlinable
    @inline(__always)
    public func fillPrice(_ side: Side, _ price: Double) -> Double {
        guard let tickSize else { return price }
        if side == .buy { return tickSize.ceil(price) }
        let floor = tickSize.floor(price)
        return floor > 0 ? floor : tickSize.multiple(1)
    }

    /// Returns `quantity` rounded down to the lot.
    @inlinable
    @inline(__always)
    public func floorToLot(_ quantity: Double) -> Double {
        guard let lotSize else { return quantity }
        return lotSize.floor(quantity)
    }
}
