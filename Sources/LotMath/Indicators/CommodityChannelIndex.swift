/// Commodity channel index: distance from the average, in mean absolute deviations.
///
/// - Complexity: O(length) a bar: the deviations are from an average that moves, so no running sum
///   can keep them; memory O(length).
struct CommodityChannelIndex: BarKernel {
    private let slots: Slots
    private var next = 0
    private var finite = 0

    /// An index over `length` bars, at least 2.
    init(length: Int) { slots = Slots(count: length, initial: 0) }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let typical = (row.high + row.low + row.close) / 3
        slots[next] = typical
        next &+= 1
        if next == slots.count { next = 0 }
        finite = typical.isFinite ? finite &+ 1 : 0
        guard finite >= slots.count else { return .nan }
        return CommodityChannelIndex.distance(of: typical, in: slots)
    }

    @inline(never)
    private static func distance(of value: Double, in slots: Slots) -> Double {
        let share = Double(slots.count)
        var sum = 0.0
        for place in 0..<slots.count { sum += slots[place] - value }
        let mean = sum / share
        var spread = 0.0
        for place in 0..<slots.count { spread += abs(slots[place] - value - mean) }
        let result = -mean / (0.015 * (spread / share))
        return spread == 0 ? 0 : result.isFinite ? result : .nan
    }

    static let definition = IndicatorDefinition(
        "cci", "Commodity channel index.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: """
            `(p − sma(p)) / (0.015 · mean |p − sma(p)|)` with `p = (high + low + close) / 3`, \
            all over `length` bars; 0 where they are flat
            """,
        talib: "CCI", source: "Lambert 1980",
        kernel: { CommodityChannelIndex(length: Int($0[0])) })
}
