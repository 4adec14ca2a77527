/// The value in the middle of the ordered values, or the mean of the two that are; `nil` for none,
/// or where one of them is not finite.
///
/// - Complexity: O(n log n).
public func median(of values: [Double]) -> Double? {
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1
        ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
