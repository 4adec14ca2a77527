/// Difference to a value some rows ago.
///
/// - Complexity: O(1) a value; memory O(length).
struct Momentum: UnaryKernel {
    private var line: DelayLine

    /// The difference over `length` values, at least 1.
    init(length: Int) { line = DelayLine(bars: length, initial: .nan) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let difference = value - line.push(value)
        return difference.isFinite ? difference : .nan
    }

    static let definition = IndicatorDefinition(
        "mom", aliases: ["momentum"], "Momentum.",
        parameters: [.length("length", 10)],
        warmUp: "length", memory: .ends,
        formula: "`x − x[length]`",
        talib: "MOM",
        kernel: { Momentum(length: Int($0[0])) })

    static let change = IndicatorDefinition(
        "change", "Change from one row to the next, or over more.",
        parameters: [.length("length", 1)],
        warmUp: "length", memory: .ends,
        formula: "`x − x[length]`",
        talib: "MOM",
        kernel: { Momentum(length: Int($0[0])) })
}

/// Ratio to a value some rows ago.
///
/// - Complexity: O(1) a value; memory O(length).
struct RateOfChangeRatio: UnaryKernel {
    private var line: DelayLine
    private let offset: Double

    /// The ratio over `length` values, at least 1, less `offset`.
    init(length: Int, offset: Double) {
        line = DelayLine(bars: length, initial: .nan)
        self.offset = offset
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let old = line.push(value)
        guard old.isFinite, value.isFinite else { return .nan }
        return old == 0 ? 0 : value / old - offset
    }

    static let definition = IndicatorDefinition(
        "rocr", "Rate of change as a ratio.",
        parameters: [.length("length", 10)],
        warmUp: "length", memory: .ends,
        formula: "`x / x[length]`; 0 where `x[length]` is 0",
        talib: "ROCR",
        kernel: { RateOfChangeRatio(length: Int($0[0]), offset: 0) })

    static let fraction = IndicatorDefinition(
        "rocp", "Rate of change as a fraction.",
        parameters: [.length("length", 10)],
        warmUp: "length", memory: .ends,
        formula: "`x / x[length] − 1`; 0 where `x[length]` is 0",
        talib: "ROCP",
        kernel: { RateOfChangeRatio(length: Int($0[0]), offset: 1) })
}
