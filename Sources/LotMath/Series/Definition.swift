/// One input of an indicator.
///
/// An indicator reads either what the script gives it or columns of the bars, not both: so the
/// bars of any symbol and interval can take the place of the run's own.
public enum IndicatorInput: Sendable, Hashable {
    /// A series of numbers, by its name in the documentation: `ta.sma(ctx.close, 20)`.
    case series(String)
    /// A series of numbers, or a number: `ta.crossings(rsi, 50)`.
    case level(String)
    /// A condition; the kernel sees 1 and 0: `ta.bars_since(condition)`.
    case condition(String)
    /// A column of the bars: `ta.atr(ctx, 14)`.
    case column(PriceField)

    /// Whether it is a condition.
    var isCondition: Bool { if case .condition = self { true } else { false } }
}

extension [IndicatorInput] {
    /// One series.
    static var series: [IndicatorInput] { [.series("x")] }
    /// Highs and lows of the bars.
    static var range: [IndicatorInput] { [.column(.high), .column(.low)] }
    /// High, low and close of the bars.
    static var prices: [IndicatorInput] { range + [.column(.close)] }
    /// High, low, close and volume of the bars.
    static var volumes: [IndicatorInput] { prices + [.column(.volume)] }
    /// Open, high, low and close of the bars.
    static var candles: [IndicatorInput] { [.column(.open)] + prices }
}

/// A number that shapes an indicator.
public struct IndicatorParameter: Sendable, Equatable {
    /// Name, as in TA-Lib where it has one: `length`, `fast`, `deviations`.
    public let name: String
    /// Value when the script leaves it out.
    public let defaultValue: Double
    /// Smallest value allowed.
    public let minimum: Double
    /// Largest value allowed.
    public let maximum: Double
    /// Whether only whole numbers are allowed.
    public let isWhole: Bool
    /// Whether a value left out is that of the parameter before it rather than the default.
    public let followsPrevious: Bool

    /// A whole number of bars, 1...100,000 unless narrowed.
    public static func length(
        _ name: String, _ defaultValue: Int, minimum: Int = 1
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, defaultValue: Double(defaultValue), minimum: Double(minimum),
            maximum: 100_000, isWhole: true, followsPrevious: false)
    }

    /// A number.
    public static func number(
        _ name: String, _ defaultValue: Double, minimum: Double, maximum: Double,
        followsPrevious: Bool = false
    ) -> IndicatorParameter {
        IndicatorParameter(
            name: name, defaultValue: defaultValue, minimum: minimum, maximum: maximum,
            isWhole: false, followsPrevious: followsPrevious)
    }

    private init(
        name: String, defaultValue: Double, minimum: Double, maximum: Double, isWhole: Bool,
        followsPrevious: Bool
    ) {
        self.followsPrevious = followsPrevious
        self.name = name
        self.defaultValue = defaultValue
        self.minimum = minimum
        self.maximum = maximum
        self.isWhole = isWhole
    }
}

/// How far back an indicator looks, and so what a value that is not finite does to it.
public enum IndicatorMemory: Sendable {
    /// The last rows, as many as its warm-up and one: NaN while such a value is among them.
    case window
    /// All rows since the beginning: NaN at such a value, then it begins again.
    case recurrence
    /// This row and one before it: NaN where it reads such a value.
    case ends
    /// Rows at which something happened: no value before the first.
    case events
}

/// An indicator as scripts see it: its name, inputs, parameters, outputs, warm-up and evaluator.
///
/// The one source of the scripts' names, of the checks of their arguments, of
/// `docs/indicators.md` and of `lot indicators`.
public struct IndicatorDefinition: Sendable {
    /// Name in scripts: `ta.<name>`.
    public let name: String
    /// Other names in scripts.
    public let aliases: [String]
    /// One line of documentation.
    public let summary: String
    /// What it reads.
    public let inputs: [IndicatorInput]
    /// Parameters in the order of the call.
    public let parameters: [IndicatorParameter]
    /// Names of its outputs, in the order of the values returned.
    public let outputs: [String]
    /// Number of rows before the first value, TA-Lib's lookback, as an expression.
    public let lookback: WarmUp
    /// What it does with what is not a number.
    public let memory: IndicatorMemory
    /// Its formula, and how a recurrence begins.
    public let formula: String
    /// TA-Lib's function of the same values; `nil` if it has none.
    public let talib: String?
    /// The paper or book that defines it; empty for what every text book has.
    public let source: String
    let makeRunner: @Sendable ([Double]) -> any TileRunner

    /// Defines an indicator; an indicator of one line needs no names of `outputs`.
    ///
    /// `kernel` makes the kernel for parameters in the order of the call; what it reads and what it
    /// says at a row are the inputs and outputs named here, in the same order.
    init(
        _ name: String, aliases: [String] = [], _ summary: String,
        inputs: [IndicatorInput] = .series, parameters: [IndicatorParameter] = [],
        outputs: [String] = [], warmUp: WarmUp, memory: IndicatorMemory, formula: String,
        talib: String? = nil, source: String = "",
        kernel: @escaping @Sendable ([Double]) -> some Kernel
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.inputs = inputs
        self.parameters = parameters
        self.outputs = outputs.isEmpty ? [name] : outputs
        lookback = warmUp
        self.memory = memory
        self.formula = formula
        self.talib = talib
        self.source = source
        makeRunner = { kernel($0) }
    }

    /// Whether it reads columns of the bars rather than series that the script gives.
    public var readsBars: Bool {
        inputs.contains { if case .column = $0 { true } else { false } }
    }

    /// Number of rows before the first value for these parameters, in the order of the call.
    public func warmUp(_ values: [Double]) -> Int {
        precondition(values.count == parameters.count, "one value for each parameter")
        let named = zip(parameters, values).map { ($0.name, $1) }
        return lookback.rows(Dictionary(named) { first, _ in first })
    }
}
