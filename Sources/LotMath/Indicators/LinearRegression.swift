/// The straight line through the last `length` values with the least squared errors.
///
/// With places counted from the middle of the window, `slope = Σ place · x / Σ place²`, by the
/// running sums of ``WeightedMovingAverage``: distances from an anchor (``AnchoredWindow``).
///
/// - Complexity: O(1) a value; memory O(length).
struct WindowLine: Sendable {
    private var window: AnchoredWindow
    private var sum = 0.0
    private var weighted = 0.0
    private let length: Double
    private let squares: Double

    /// A line through `length` values, at least 2.
    init(length: Int) {
        window = AnchoredWindow(length: length)
        self.length = Double(length)
        squares = self.length * (self.length * self.length - 1) / 12
    }

    /// Takes the next value; returns the line's middle and slope, NaN until the window is full.
    @inline(__always)
    mutating func step(_ value: Double) -> (middle: Double, slope: Double) {
        let (entering, leaving) = window.push(value)
        weighted += length * entering - sum
        sum += entering - leaving
        if window.isStale {
            window.renew()
            (sum, weighted) = WindowLine.totals(window)
        }
        guard window.isFull else { return (.nan, .nan) }
        let slope = (weighted - sum * ((length + 1) / 2)) / squares
        return (window.anchor + sum / length, slope)
    }

    @inline(never)
    private static func totals(_ window: AnchoredWindow) -> (Double, Double) {
        var (sum, weighted) = (0.0, 0.0)
        for place in 0..<window.length {
            let distance = window.distance(place)
            sum += distance
            weighted += Double(place + 1) * distance
        }
        return (sum, weighted)
    }
}

/// A point of the line of a window, so many places after its middle.
///
/// - Complexity: O(1) a value; memory O(length).
struct LinearRegression: UnaryKernel {
    private var line: WindowLine
    private let offset: Double

    /// A line through `length` values, at least 2, read at place `place`, 0 for the oldest.
    init(length: Int, place: Int) {
        line = WindowLine(length: length)
        offset = Double(place) - Double(length - 1) / 2
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let (middle, slope) = line.step(value)
        return middle + slope * offset
    }

    static let definition = IndicatorDefinition(
        "linreg", aliases: ["linearreg"], "Linear regression.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: """
            the straight line of least squares through the last `length` values, at the newest
            """,
        talib: "LINEARREG",
        kernel: { LinearRegression(length: Int($0[0]), place: Int($0[0]) - 1) })

    static let intercept = IndicatorDefinition(
        "linreg_intercept", aliases: ["linearreg_intercept"],
        "Linear regression at the oldest value.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: "the line of `linreg` at the oldest of the last `length` values",
        talib: "LINEARREG_INTERCEPT",
        kernel: { LinearRegression(length: Int($0[0]), place: 0) })

    static let forecast = IndicatorDefinition(
        "tsf", "Time series forecast.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: "the line of `linreg` one row after the newest value",
        talib: "TSF",
        kernel: { LinearRegression(length: Int($0[0]), place: Int($0[0])) })
}

/// The slope of the line of a window.
///
/// - Complexity: O(1) a value; memory O(length).
struct Slope: UnaryKernel {
    private var line: WindowLine

    /// A line through `length` values, at least 2.
    init(length: Int) { line = WindowLine(length: length) }

    @inline(__always)
    mutating func step(_ value: Double) -> Double { line.step(value).slope }

    static let definition = IndicatorDefinition(
        "slope", aliases: ["linearreg_slope"], "Slope of the linear regression.",
        parameters: [.length("length", 14, minimum: 2)],
        warmUp: "length" - 1, memory: .window,
        formula: "change from row to row of the line of `linreg`",
        talib: "LINEARREG_SLOPE",
        kernel: { Slope(length: Int($0[0])) })
}
