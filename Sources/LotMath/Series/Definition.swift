/// What an indicator reads.
public enum IndicatorInput: Sendable, Equatable {
    /// One series, given by the script: `ta.sma(ctx.close, 20)`.
    case series
    /// High, low and close of the bars: `ta.atr(ctx, 14)`.
    case bars
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

/// An indicator as scripts see it: its name, inputs, parameters, outputs, warm-up and evaluator.
public struct IndicatorDefinition: Sendable {
    /// Name in scripts: `ta.<name>`.
    public let name: String
    /// One line of documentation.
    public let summary: String
    /// What it reads.
    public let input: IndicatorInput
    /// Parameters in the order of the call.
    public let parameters: [IndicatorParameter]
    /// Names of its outputs, in the order of the values returned.
    public let outputs: [String]
    /// Number of rows before the first value: TA-Lib's lookback.
    public let warmUp: @Sendable ([Double]) -> Int
    let makeRunner: @Sendable ([Double]) -> any TileRunner

    /// Defines an indicator of one series with one output.
    static func unary(
        _ name: String, _ summary: String, parameters: [IndicatorParameter],
        warmUp: @escaping @Sendable ([Double]) -> Int,
        kernel: @escaping @Sendable ([Double]) -> some UnaryKernel
    ) -> IndicatorDefinition {
        IndicatorDefinition(
            name: name, summary: summary, input: .series, parameters: parameters,
            outputs: [name], warmUp: warmUp, makeRunner: { kernel($0) })
    }

    /// Defines an indicator of one series with three outputs.
    static func triple(
        _ name: String, _ summary: String, parameters: [IndicatorParameter], outputs: [String],
        warmUp: @escaping @Sendable ([Double]) -> Int,
        kernel: @escaping @Sendable ([Double]) -> some TripleKernel
    ) -> IndicatorDefinition {
        IndicatorDefinition(
            name: name, summary: summary, input: .series, parameters: parameters,
            outputs: outputs, warmUp: warmUp, makeRunner: { kernel($0) })
    }

    /// Defines an indicator of bars with one output.
    static func bars(
        _ name: String, _ summary: String, parameters: [IndicatorParameter],
        warmUp: @escaping @Sendable ([Double]) -> Int,
        kernel: @escaping @Sendable ([Double]) -> some BarKernel
    ) -> IndicatorDefinition {
        IndicatorDefinition(
            name: name, summary: summary, input: .bars, parameters: parameters,
            outputs: [name], warmUp: warmUp, makeRunner: { kernel($0) })
    }

    /// Defines an indicator of bars with three outputs.
    static func barsTriple(
        _ name: String, _ summary: String, parameters: [IndicatorParameter], outputs: [String],
        warmUp: @escaping @Sendable ([Double]) -> Int,
        kernel: @escaping @Sendable ([Double]) -> some BarTripleKernel
    ) -> IndicatorDefinition {
        IndicatorDefinition(
            name: name, summary: summary, input: .bars, parameters: parameters,
            outputs: outputs, warmUp: warmUp, makeRunner: { kernel($0) })
    }
}
