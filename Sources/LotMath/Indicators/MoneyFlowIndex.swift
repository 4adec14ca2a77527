/// Money flow index: the share of money that came with a rising price, 0 … 100.
///
/// - Complexity: O(1) a bar; memory O(length).
struct MoneyFlowIndex: Kernel {
    private var rising: WindowSum
    private var falling: WindowSum
    private var last = Double.nan

    /// An index over `length` bars, at least 2.
    init(length: Int) {
        rising = WindowSum(length: length)
        falling = WindowSum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: VolumeRow) -> Double {
        let typical = (row.prices.high + row.prices.low + row.prices.close) / 3
        let change = typical - last
        // NaN where a number is missing: 0 times it.
        let flow = typical * row.volume + change * 0
        last = typical
        let up = rising.step(change > 0 ? flow : flow * 0)
        let down = falling.step(change < 0 ? flow : flow * 0)
        let total = up + down
        return total == 0 ? 0 : 100 * (up / total)
    }

    static let definition = IndicatorDefinition(
        "mfi", "Money flow index, 0 … 100.",
        inputs: .volumes, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length", memory: .window,
        formula: """
            `100 · up / (up + down)`: sums of `p · volume` over the last `length` bars in which \
            `p = (high + low + close) / 3` rose, and in which it fell; 0 where there are neither
            """,
        talib: "MFI", source: "Quong and Soudack 1989",
        kernel: { MoneyFlowIndex(length: Int($0[0])) })
}
