/// Where a value lies between the lowest and the highest of a window, 0 … 100.
struct StochasticPosition: Sendable {
    private var highs: WindowMaximum
    private var lows: WindowMaximum
    private let flat: Double

    /// A window of `length` rows, at least 1; it is flat where its highest is no further than
    /// `flat` above its lowest.
    init(length: Int, flat: Double = 0) {
        self.flat = flat
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    /// Takes the next row; 0 where the window is flat, NaN until it is full.
    @inline(__always)
    mutating func step(_ value: Double, high: Double, low: Double) -> Double {
        let top = highs.step(high)
        let bottom = -lows.step(-low)
        let place = (value - bottom) / (top - bottom) * 100
        return top - bottom <= flat ? value * 0 : place
    }
}

/// Stochastic oscillator: the position in the range of a window, smoothed, and smoothed again.
///
/// - Complexity: O(1) a bar amortised; memory O(lengths).
struct Stochastic: Kernel {
    private var position: StochasticPosition
    private var slow: SimpleMovingAverage
    private var signal: SimpleMovingAverage

    /// Windows of these lengths, each at least 1.
    init(position length: Int, slow: Int, signal: Int) {
        position = StochasticPosition(length: length)
        self.slow = SimpleMovingAverage(length: slow)
        self.signal = SimpleMovingAverage(length: signal)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Lines2 {
        let k = slow.step(position.step(row.close, high: row.high, low: row.low))
        let d = signal.step(k)
        return d.isNaN ? .none : Lines2(k, d)
    }

    static let definition = IndicatorDefinition(
        "stoch", "Stochastic oscillator, slow.",
        inputs: .prices,
        parameters: [.length("fastk", 5), .length("slowk", 3), .length("slowd", 3)],
        outputs: ["slowk", "slowd"],
        warmUp: "fastk" + "slowk" + "slowd" - 3, memory: .window,
        formula: """
            `k = 100 · (close − lowest low) / (highest high − lowest low)` of the last `fastk` \
            bars, 0 where they are flat; `slowk = sma(k, slowk)`, `slowd = sma(slowk, slowd)`
            """,
        talib: "STOCH", source: "Lane 1984",
        kernel: { Stochastic(position: Int($0[0]), slow: Int($0[1]), signal: Int($0[2])) })

    static let fast = IndicatorDefinition(
        "stochf", "Stochastic oscillator, fast.",
        inputs: .prices, parameters: [.length("fastk", 5), .length("fastd", 3)],
        outputs: ["fastk", "fastd"],
        warmUp: "fastk" + "fastd" - 2, memory: .window,
        formula: "`fastk` as k of `stoch`; `fastd = sma(fastk, fastd)`",
        talib: "STOCHF", source: "Lane 1984",
        kernel: { Stochastic(position: Int($0[0]), slow: 1, signal: Int($0[1])) })
}

/// Stochastic oscillator of the relative strength index.
///
/// - Complexity: O(1) a value amortised; memory O(lengths).
struct StochasticRSI: Kernel {
    private var index: RelativeStrengthIndex
    private var position: StochasticPosition
    private var signal: SimpleMovingAverage

    /// An index over `length` changes, at least 2, in windows of these lengths, at least 1.
    init(length: Int, position: Int, signal: Int) {
        index = RelativeStrengthIndex(length: length)
        // While prices stand still both averages of the index shrink alike, and the index keeps its
        // value but for the rounding of each.
        self.position = StochasticPosition(length: position, flat: 1e-10)
        self.signal = SimpleMovingAverage(length: signal)
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Lines2 {
        let strength = index.step(value)
        let k = position.step(strength, high: strength, low: strength)
        let d = signal.step(k)
        return d.isNaN ? .none : Lines2(k, d)
    }

    static let definition = IndicatorDefinition(
        "stochrsi", "Stochastic oscillator of the relative strength index.",
        parameters: [
            .length("length", 14, minimum: 2), .length("fastk", 5), .length("fastd", 3),
        ],
        outputs: ["fastk", "fastd"],
        warmUp: "length" + "fastk" + "fastd" - 2, memory: .recurrence,
        formula: """
            `fastk`: where `rsi(x, length)` lies between its lowest and highest of the last \
            `fastk` values, 0 … 100, 0 where they are equal to 1e-10; `fastd = sma(fastk, fastd)`
            """,
        talib: "STOCHRSI", source: "Chande and Kroll 1994",
        kernel: { StochasticRSI(length: Int($0[0]), position: Int($0[1]), signal: Int($0[2])) })
}

/// Williams' %R: the position in the range of a window, counted from the top.
///
/// - Complexity: O(1) a bar amortised; memory O(length).
struct WilliamsRange: BarKernel {
    private var highs: WindowMaximum
    private var lows: WindowMaximum

    /// A window of `length` bars, at least 2.
    init(length: Int) {
        highs = WindowMaximum(length: length)
        lows = WindowMaximum(length: length)
    }

    @inline(__always)
    mutating func step(_ row: PriceRow) -> Double {
        let top = highs.step(row.high)
        let bottom = -lows.step(-row.low)
        let place = (top - row.close) / (top - bottom) * -100
        let result = top == bottom ? row.close * 0 : place
        return result.isFinite ? result : .nan
    }

    static let definition = IndicatorDefinition(
        "willr", aliases: ["williams_r"], "Williams' %R, −100 … 0.",
        inputs: .prices, parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: """
            `−100 · (highest high − close) / (highest high − lowest low)` of the last `length` \
            bars; 0 where they are flat
            """,
        talib: "WILLR", source: "Williams 1979",
        kernel: { WilliamsRange(length: Int($0[0])) })
}
