/// Volume-weighted moving average.
///
/// - Complexity: O(1) a value; memory O(length).
struct VolumeWeightedAverage: Kernel {
    private var products: WindowSum
    private var volumes: WindowSum

    /// An average over `length` values, at least 1.
    init(length: Int) {
        products = WindowSum(length: length)
        volumes = WindowSum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: Pair) -> Double {
        let sum = products.step(row.first * row.second)
        let volume = volumes.step(row.second)
        return volume == 0 ? .nan : sum / volume
    }

    static let definition = IndicatorDefinition(
        "vwma", "Volume-weighted moving average.",
        inputs: [.series("x"), .series("volume")], parameters: [.length("length", 30)],
        warmUp: "length" - 1, memory: .window,
        formula: "`sum of x · volume / sum of volume` over `length` rows; NaN where no volume was",
        talib: "VWMA",
        kernel: { VolumeWeightedAverage(length: Int($0[0])) })
}

/// Volume-weighted average price of the day so far.
///
/// Sums begin again with the first bar of each UTC day, so nothing drifts.
///
/// - Complexity: O(1) a bar.
struct SessionAveragePrice: Kernel {
    private var day = Double.nan
    private var products = 0.0
    private var volumes = 0.0

    @inline(__always)
    mutating func step(_ row: TimedRow) -> Double {
        let today = (row.time / 86_400_000).rounded(.down)
        if today != day { (day, products, volumes) = (today, 0, 0) }
        let prices = row.bar.prices
        products += (prices.high + prices.low + prices.close) / 3 * row.bar.volume
        volumes += row.bar.volume
        guard (products + volumes).isFinite else {
            (products, volumes) = (0, 0)
            return .nan
        }
        return volumes == 0 ? .nan : products / volumes
    }

    static let definition = IndicatorDefinition(
        "vwap", "Volume-weighted average price of the day.",
        inputs: .volumes + [.column(.openTime)],
        warmUp: 0, memory: .recurrence,
        formula: """
            `sum of (high + low + close) / 3 · volume / sum of volume` since the first bar of \
            the UTC day; NaN where no volume was
            """,
        talib: "VWAP, day by day", source: "Berkowitz, Logue and Noser 1988",
        kernel: { _ in SessionAveragePrice() })
}
