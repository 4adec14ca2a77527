/// The middle of a distribution and the range that nine of ten results lie in.
public struct Band: Sendable, Equatable {
    /// The 5 % quantile.
    public let low: Double
    /// The median.
    public let median: Double
    /// The 95 % quantile.
    public let high: Double

    /// A band of given quantiles.
    public init(low: Double, median: Double, high: Double) {
        self.low = low
        self.median = median
        self.high = high
    }

    /// The band of results; those that are not a number are left out, and all three are not a
    /// number where none is left.
    ///
    /// - Complexity: O(n log n).
    public init(of results: [Double]) {
        let sorted = results.filter { !$0.isNaN }.sorted()
        low = quantile(0.05, ofSorted: sorted)
        median = quantile(0.5, ofSorted: sorted)
        high = quantile(0.95, ofSorted: sorted)
    }
}

/// The value that a share of ordered values lies below, by linear interpolation between the two
/// nearest (numpy's default, Hyndman and Fan's type 7); not a number for none.
func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
    guard let last = values.last else { return .nan }
    let place = share * Double(values.count - 1)
    let index = Int(place)
    guard index + 1 < values.count else { return last }
    return values[index] + (values[index + 1] - values[index]) * (place - Double(index))
}

/// Resamples of one piece of work: what threads share out.
let resamplesPerPiece = 32

/// The resamples of each piece, in order.
func resamplePieces(_ count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: resamplesPerPiece).map {
        $0..<min(count, $0 + resamplesPerPiece)
    }
}
