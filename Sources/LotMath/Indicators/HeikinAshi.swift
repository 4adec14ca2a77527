/// Heikin-ashi candles: bars averaged with what came before.
///
/// - Complexity: O(1) a bar.
struct HeikinAshi: Kernel {
    private var last = (open: Double.nan, close: Double.nan)

    @inline(__always)
    mutating func step(_ row: CandleRow) -> Lines4 {
        let close = (row.open + row.high + row.low + row.close) / 4
        let first = (row.open + row.close) / 2
        let open = last.open.isNaN ? first : (last.open + last.close) / 2
        guard (row.high - row.low + close + first + open).isFinite else {
            last = (.nan, .nan)
            return .none
        }
        last = (open, close)
        return Lines4(open, max(row.high, open, close), min(row.low, open, close), close)
    }

    static let definition = IndicatorDefinition(
        "heikin_ashi", aliases: ["ha"], "Heikin-ashi candles.",
        inputs: .candles, outputs: ["open", "high", "low", "close"],
        warmUp: 0, memory: .recurrence,
        formula: """
            `close = (open + high + low + close) / 4` of the bar; `open`: the middle of the \
            candle before, of the first bar `(open + close) / 2`; `high` and `low`: the bar's, \
            or those of the candle's body beyond
            """,
        talib: "HA", source: "Valcu 2004",
        kernel: { _ in HeikinAshi() })
}
