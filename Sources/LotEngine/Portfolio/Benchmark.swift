import LotCore

/// Buying every symbol with an equal part of the starting cash and holding: what a run over
/// several symbols is compared with.
///
/// A symbol is bought at its first open in the run; until then its part stays cash. No costs, as
/// with one symbol. A symbol without a bar counts at its last close.
struct Benchmark {
    private let share: Double
    /// Quantity of each symbol; 0 before it is bought.
    private var units: [Double]
    /// What each symbol's part is worth.
    private var values: [Double]

    init(cash: Double, symbols: Int) {
        share = cash / Double(symbols)
        units = [Double](repeating: 0, count: symbols)
        values = [Double](repeating: share, count: symbols)
    }

    /// Takes a symbol's bar.
    @inline(__always)
    mutating func take(_ symbol: Int, open: Double, close: Double) {
        if units[symbol] == 0 { units[symbol] = share / open }
        values[symbol] = units[symbol] * close
    }

    /// What everything is worth now, in quote currency.
    ///
    /// - Complexity: O(symbols).
    var value: Double {
        var sum = 0.0
        for value in values { sum += value }
        return sum
    }

    /// What a symbol's part is worth over what it was bought for; 1 before it is bought.
    func growth(_ symbol: Int) -> Double { values[symbol] / share }
}
