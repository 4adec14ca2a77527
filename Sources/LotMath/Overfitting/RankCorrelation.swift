/// Spearman's rank correlation: how far the order by one figure is the order by another, from −1
/// (reversed) over 0 (no relation) to 1 (the same).
///
/// The correlation of ranks, equal values sharing the mean of theirs. Pairs with a value that is
/// not finite are left out. Worked example: (1, 2, 3, 4, 5) against (5, 6, 7, 8, 7) has ranks
/// (1, 2, 3, 4, 5) and (1, 2, 3.5, 5, 3.5), so 8 / √(10 · 9.5) = 0.8208.
///
/// - Returns: Not a number for fewer than three pairs, or where one side has only equal values.
/// - Complexity: O(n log n).
/// - SeeAlso: Spearman, "The Proof and Measurement of Association between Two Things", American
///   Journal of Psychology 15(1), 1904.
public func rankCorrelation(_ pairs: [(Double, Double)]) -> Double {
    let known = pairs.filter { $0.0.isFinite && $0.1.isFinite }
    guard known.count > 2 else { return .nan }
    let first = ranks(known.map(\.0))
    let second = ranks(known.map(\.1))
    let middle = Double(known.count + 1) / 2
    var (both, one, other) = (0.0, 0.0, 0.0)
    for (x, y) in zip(first, second) {
        both += (x - middle) * (y - middle)
        one += (x - middle) * (x - middle)
        other += (y - middle) * (y - middle)
    }
    guard one > 0, other > 0 else { return .nan }
    return both / (one * other).squareRoot()
}

/// The place of each value in rising order, from 1; equal values share the mean of their places.
private func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
        start = end
    }
    return ranks
}
