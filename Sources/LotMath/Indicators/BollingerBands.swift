/// Bollinger bands: the simple average, and so many standard deviations above and below it.
///
/// `middle = sma(length)`, `upper = middle + nbdevup · stdev(length)`, `lower = middle − nbdevdn ·
/// stdev(length)`, with the population deviation. NaN until `length` finite values in a row were
/// seen. As with ``StandardDeviation``, only a variance of 0 closes the bands.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: TA-Lib, function BBANDS (simple average); Bollinger, "Bollinger on Bollinger Bands",
///   2001.
struct BollingerBands: Kernel {
    private var moments: WindowMoments
    private let up: Double
    private let down: Double

    /// Bands of `length` values, at least 2, so many deviations `up` and `down`.
    init(length: Int, up: Double, down: Double) {
        moments = WindowMoments(length: length)
        self.up = up
        self.down = down
    }

    @inline(__always)
    mutating func step(_ value: Double) -> Lines3 {
        let (mean, variance) = moments.step(value)
        let deviation = variance.squareRoot()
        return Lines3(mean + up * deviation, mean, mean - down * deviation)
    }

    static let definition = IndicatorDefinition(
        "bbands", "Bollinger bands.",
        parameters: [
            .length("length", 20, minimum: 2),
            .number("nbdevup", 2, minimum: 0, maximum: 1_000),
            .number("nbdevdn", 2, minimum: 0, maximum: 1_000, followsPrevious: true),
        ],
        outputs: ["upper", "middle", "lower"],
        warmUp: "length" - 1, memory: .window,
        formula: """
            `middle = sma(length)`, `upper = middle + nbdevup · stddev(length)`, `lower = middle \
            − nbdevdn · stddev(length)`; `nbdevdn` left out is `nbdevup`
            """,
        talib: "BBANDS", source: "Bollinger 2001",
        kernel: { BollingerBands(length: Int($0[0]), up: $0[1], down: $0[2]) })
}
