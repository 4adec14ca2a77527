/// A sum of doubles that stand for decimals, as the nearest double of the decimals' sum.
///
/// Volumes come as decimals (`0.1`, `0.2`), which doubles only approximate: their plain sum is
/// 0.30000000000000004, while the exchange's own coarser bar says 0.3. Here each value is taken for
/// the decimal with at most eight places that it is nearest to (fewer places where doubles are too
/// far apart to tell eight, above some 67 million), the whole numbers of 10⁻⁸ are added exactly,
/// and the total is rounded once. So a bar made of sixty has the bits of the bar that the exchange
/// publishes. A value that is no such decimal makes the sum a compensated one (Neumaier's), which
/// errs by about one unit in the last place.
/// - SeeAlso: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
///   ZAMM 54, 1974.
public struct DecimalSum: Sendable {
    private var units: Int128 = 0
    private var isExact = true
    private var sum = 0.0
    private var compensation = 0.0

    /// The sum of nothing.
    public init() {}

    /// Adds a finite value.
    public mutating func add(_ value: Double) {
        let next = sum + value
        if abs(sum) >= abs(value) {
            compensation += (sum - next) + value
        } else {
            compensation += (value - next) + sum
        }
        sum = next
        guard isExact else { return }
        if let exact = DecimalSum.units(value) { units += exact } else { isExact = false }
    }

    /// The sum so far.
    public var value: Double {
        isExact ? DecimalSum.nearest(units) : sum + compensation
    }

    private static let places = 100_000_000.0

    /// The value in units of 10⁻⁸; `nil` if it is not the nearest double of such a decimal.
    private static func units(_ value: Double) -> Int128? {
        var scale = places
        var factor: Int128 = 1
        // Where doubles are further apart than the decimals, several would be meant by one value:
        // large ones (quote volumes) are read with fewer places.
        while value.ulp * scale >= 1, scale > 1 {
            scale /= 10
            factor *= 10
        }
        guard value.ulp * scale < 1 else { return nil }
        let product = value * scale
        var whole = product.rounded()
        if abs(product) >= 0x1p50 {
            // The product has no room for its fraction any more: its error decides.
            let rest = (product - whole) + (-product).addingProduct(value, scale)
            if rest > 0.5 { whole += 1 } else if rest < -0.5 { whole -= 1 }
        }
        return whole / scale == value ? Int128(Int64(whole)) * factor : nil
    }

    /// The double nearest to `units · 10⁻⁸`, ties to even.
    private static func nearest(_ units: Int128) -> Double {
        // Both operands are exact doubles, so IEEE 754 rounds their quotient once.
        if units.magnitude < 1 << 53 { return Double(Int64(units)) / places }
        // The quotient in whole numbers with at least 64 bits, its remainder as a last, sticky bit.
        let magnitude = units.magnitude
        let shift = magnitude.leadingZeroBitCount
        let (quotient, remainder) = (magnitude << shift).quotientAndRemainder(
            dividingBy: 100_000_000)
        let sticky: UInt128 = remainder == 0 ? 0 : 1
        let size = 128 - quotient.leadingZeroBitCount
        // 53 bits are the result's; of those below, half a unit decides, and equal goes to even.
        let drop = size - 53
        var significand = quotient >> drop
        let rest = quotient & ((1 << drop) - 1) | sticky
        let half: UInt128 = 1 << (drop - 1)
        if rest > half || (rest == half && significand & 1 == 1) { significand += 1 }
        let result = Double(
            sign: .plus, exponent: drop - shift, significand: Double(UInt64(significand)))
        return units < 0 ? -result : result
    }
}
