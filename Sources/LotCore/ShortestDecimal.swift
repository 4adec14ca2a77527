/// A number greater than 0 as the decimal of fewest digits that reads back to it; of several the
/// one nearest to it.
///
/// - SeeAlso: R. Giulietti, "The Schubfach way to render doubles" (2021), whose names are kept.
struct ShortestDecimal {
    /// The number is this times ten to the power of ``exponent``; less than 10^17, and it may end
    /// in zeros.
    let significand: UInt64
    let exponent: Int

    /// Numbers that ``init(_:)`` takes: for them every power of ten that the algorithm needs is
    /// exact in 128 bits, so that no table of rounded ones is.
    static let range = 1e-20..<1e15

    /// Finds the digits of a number in ``range``.
    ///
    /// - Complexity: O(1), some 10 ns.
    init(_ number: Double) {
        let bits = number.bitPattern
        let fraction = bits & (1 << 52 - 1)
        let q = Int(truncatingIfNeeded: bits >> 52) - 1_075
        let c = fraction | 1 << 52
        // Below a power of two doubles lie half as far apart as above it.
        let isPower = fraction == 0
        // floor(log10(2^q)), or of 3/4 · 2^q; floor(log2(10^-k)).
        let k = (q &* 1_262_611 &- (isPower ? 524_031 : 0)) >> 22
        let h = q &+ (-k &* 1_741_647) >> 19 &+ 1
        let g = powersOfTen[-k]
        let odd = c & 1
        let vb = roundedToOdd(g, (4 &* c) << h)
        let lower = roundedToOdd(g, (4 &* c &- (isPower ? 1 : 2)) << h) &+ odd
        let upper = roundedToOdd(g, (4 &* c &+ 2) << h) &- odd
        let s = vb >> 2
        if s >= 10 {
            let tens = s / 10
            let isDownInside = lower <= 40 &* tens
            let isUpInside = 40 &* tens &+ 40 <= upper
            if isDownInside != isUpInside {
                significand = tens &+ (isUpInside ? 1 : 0)
                exponent = k &+ 1
                return
            }
        }
        exponent = k
        let isDownInside = lower <= 4 &* s
        let isUpInside = 4 &* s &+ 4 <= upper
        if isDownInside != isUpInside {
            significand = s &+ (isUpInside ? 1 : 0)
        } else {
            let middle = 4 &* s &+ 2
            significand = s &+ (vb > middle || (vb == middle && s & 1 == 1) ? 1 : 0)
        }
    }
}

/// 10^0 to 10^38, each shifted until its highest bit is set.
private let powersOfTen: [UInt128] = {
    var powers: [UInt128] = []
    var power: UInt128 = 1
    for _ in 0...38 {
        powers.append(power << power.leadingZeroBitCount)
        power &*= 10
    }
    return powers
}()

/// The product over 2^128, and its lowest bit set where anything was cut off.
@inline(__always)
private func roundedToOdd(_ g: UInt128, _ factor: UInt64) -> UInt64 {
    let low = UInt64(truncatingIfNeeded: g).multipliedFullWidth(by: factor)
    let high = UInt64(truncatingIfNeeded: g >> 64).multipliedFullWidth(by: factor)
    let (middle, carry) = high.low.addingReportingOverflow(low.high)
    return (high.high &+ (carry ? 1 : 0)) | (middle > 1 ? 1 : 0)
}
