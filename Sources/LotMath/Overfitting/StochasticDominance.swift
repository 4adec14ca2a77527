/// How one distribution of results compares with another, beyond their means.
///
/// F is the share of results at or below x. The first dominates the second in first order if F₁ is
/// nowhere above F₂: whatever result one asks for, the first reaches it at least as often. It
/// dominates in second order if ∫F₁ up to x is nowhere above ∫F₂ up to x: everybody who dislikes
/// risk prefers it.
///
/// Worked example: results 1, 3 over 0, 2. At x = 0: F₁ = 0, F₂ = 0.5; at 1: 0.5 and 0.5; at 2:
/// 0.5 and 1; at 3: 1 and 1. F₁ is nowhere above: gap 0, the first dominates.
///
/// - SeeAlso: Bailey, Borwein, López de Prado and Zhu 2017, section 4.4. Hadar and Russell, "Rules
///   for Ordering Uncertain Prospects", American Economic Review 59(1), 1969.
public struct StochasticDominance: Sendable, Equatable {
    /// The largest F₁ − F₂, 0 or more: 0 if the first dominates in first order.
    public let firstOrderGap: Double
    /// The largest ∫F₁ − ∫F₂, 0 or more, in the unit of the results: 0 if the first dominates in
    /// second order.
    public let secondOrderGap: Double

    /// Whether the first dominates in first order.
    public var isFirstOrder: Bool { firstOrderGap == 0 }
    /// Whether the first dominates in second order; rounding of sums near 0 does not count.
    public var isSecondOrder: Bool { secondOrderGap <= 1e-12 }

    /// Compares two samples.
    ///
    /// - Complexity: O(n log n).
    init(of first: [Double], over second: [Double]) {
        let (a, b) = (first.sorted(), second.sorted())
        var (i, j) = (0, 0)
        var (gap, largestGap, integral, largestIntegral) = (0.0, 0.0, 0.0, 0.0)
        var place = min(a.first ?? 0, b.first ?? 0)
        while i < a.count || j < b.count {
            let next = min(i < a.count ? a[i] : .infinity, j < b.count ? b[j] : .infinity)
            integral += gap * (next - place)
            largestIntegral = max(largestIntegral, integral)
            while i < a.count, a[i] == next { i += 1 }
            while j < b.count, b[j] == next { j += 1 }
            gap = Double(i) / Double(a.count) - Double(j) / Double(b.count)
            largestGap = max(largestGap, gap)
            place = next
        }
        firstOrderGap = largestGap
        secondOrderGap = largestIntegral
    }
}
