/// Ultimate oscillator: buying pressure over three windows, 0 … 100.
///
/// - Complexity: O(1) a bar; memory O(lengths).
struct UltimateOscillator: BarKernel {
    private var pressures: (WindowSum, WindowSum, WindowSum)
    private var ranges: (WindowSum, WindowSum, WindowSum)
    private var last = Double.nan

    /// Windows of these lengths, at least 1; the shortest weighs most.
    init(_ a: Int, _ b: Int, _ c: Int) {
        let lengths = [a, b, c].sorted()
        func sum(_ index: Int) -> WindowSum { WindowSum(length: lengths[index]) }
        pressures = (sum(0), sum(1), sum(2))
        ranges = (sum(0), sum(1), sum(2))
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let bottom = row.low < last ? row.low : last
        let range = trueRange(row, after: last)
        let pressure = row.close - bottom + range * 0
        last = row.close
        let short = share(pressures.0.step(pressure), ranges.0.step(range))
        let middle = share(pressures.1.step(pressure), ranges.1.step(range))
        let long = share(pressures.2.step(pressure), ranges.2.step(range))
        return 100 * ((4 * short + 2 * middle + long) / 7)
    }

    @inline(__always)
    private func share(_ pressure: Double, _ range: Double) -> Double {
        range == 0 ? 0 : pressure / range
    }

    static let definition = IndicatorDefinition(
        "ultosc", "Ultimate oscillator, 0 … 100.",
        inputs: .prices,
        parameters: [.length("length1", 7), .length("length2", 14), .length("length3", 28)],
        warmUp: .largest("length1", "length2", "length3"), memory: .window,
        formula: """
            `100 · (4 a + 2 b + c) / 7`: for each length, the shortest first, `sum of (close − \
            min(low, close[1])) / sum of true_range`, 0 where the range is 0
            """,
        talib: "ULTOSC", source: "Williams 1985",
        kernel: { UltimateOscillator(Int($0[0]), Int($0[1]), Int($0[2])) })
}
