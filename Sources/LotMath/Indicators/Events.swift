/// How often two series crossed within a window.
///
/// - Complexity: O(1) a row; memory O(length).
struct Crossings: Kernel {
    private var window: WindowSum
    /// The sign of a − b one row ago.
    private var before = Double.nan

    /// Crossings within `length` rows, at least 1.
    init(length: Int) { window = WindowSum(length: length) }

    @inline(__always)
    mutating func step(_ row: Pair) -> Double {
        let isFinite = row.first.isFinite && row.second.isFinite
        let side: Double = row.first > row.second ? 1 : row.first < row.second ? -1 : 0
        let now = isFinite ? side : .nan
        let crossed: Double = (now + before).isNaN ? .nan : now != 0 && before != now ? 1 : 0
        before = now
        return window.step(crossed)
    }

    static let definition = IndicatorDefinition(
        "crossings", "Number of crossings in a window.",
        inputs: [.series("a"), .level("b")], parameters: [.length("length", 1)],
        warmUp: "length", memory: .window,
        formula: """
            number of the last `length` rows at which a crossed b, upwards or downwards, as \
            `crosses_above` and `crosses_below` have it
            """,
        kernel: { Crossings(length: Int($0[0])) })
}

/// Rows since a condition held.
///
/// - Complexity: O(1) a row.
struct RowsSince: UnaryKernel {
    private var rows = Double.nan

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        rows = value != 0 ? 0 : rows + 1
        return rows
    }

    static let definition = IndicatorDefinition(
        "bars_since", "Rows since a condition held.",
        inputs: [.condition("condition")], warmUp: 0, memory: .events,
        formula: "0 at a row where it holds, then 1, 2, …; NaN before the first",
        kernel: { _ in RowsSince() })
}

/// The value of a series when a condition held.
///
/// - Complexity: O(1) a row; memory O(occurrence).
struct ValueWhen: Kernel {
    private var line: DelayLine?
    private var value = Double.nan

    /// The value when the condition held for the last time but `occurrence`.
    init(occurrence: Int) {
        line = occurrence > 0 ? DelayLine(bars: occurrence, initial: .nan) : nil
    }

    @inline(__always)
    mutating func step(_ row: Pair) -> Double {
        if row.first != 0 {
            value = line?.push(row.second) ?? row.second
        }
        return value
    }

    static let definition = IndicatorDefinition(
        "value_when", "Value when a condition held.",
        inputs: [.condition("condition"), .series("x")],
        parameters: [.length("occurrence", 0, minimum: 0)],
        warmUp: 0, memory: .events,
        formula: """
            x at the newest row where it held (`occurrence` 0), at the one before (1), …; NaN \
            until there was one
            """,
        kernel: { ValueWhen(occurrence: Int($0[0])) })
}
