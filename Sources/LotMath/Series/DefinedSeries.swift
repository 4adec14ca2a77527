public import LotCore

/// A series that a function outside this library computes, one bar after the other: what a script
/// makes with `ta.define`.
public protocol SeriesFunction: AnyObject, Sendable {
    /// Makes something that computes the series once, from the first bar on.
    func makeInstance() -> any SeriesFunctionInstance
}

/// One pass of a ``SeriesFunction`` over bars, by one thread at a time.
public protocol SeriesFunctionInstance: AnyObject, Sendable {
    /// Computes the next rows, in order; what comes after them must not be looked at.
    ///
    /// - Parameters:
    ///   - rows: The rows after those of the call before.
    ///   - bars: The bars of the series.
    ///   - outputs: Number of values a row.
    /// - Returns: One array of `rows.count` values per output, NaN where there is none.
    /// - Throws: What the function does wrong.
    func values(
        _ rows: Range<Int>, of bars: Bars, outputs: Int
    ) throws(Diagnosis) -> [[Double]]
}

/// A ``SeriesFunction`` as part of an expression: equal to itself only, since nobody can tell
/// whether two functions are the same.
public struct DefinedSeries: Sendable, Hashable {
    /// What computes it.
    public let function: any SeriesFunction
    /// How expressions show it: `define(line 12)`.
    public let name: String
    /// Number of values a bar.
    public let outputs: Int
    /// Rows before the first value, as the script declares it.
    public let warmUp: Int

    /// Describes a series.
    public init(_ function: any SeriesFunction, name: String, outputs: Int, warmUp: Int) {
        precondition(outputs >= 1 && warmUp >= 0)
        self.function = function
        self.name = name
        self.outputs = outputs
        self.warmUp = warmUp
    }

    /// Whether both are the same function.
    public static func == (one: DefinedSeries, other: DefinedSeries) -> Bool {
        one.function === other.function
    }

    /// Hashes the function's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(function)) }
}

/// The first thing that a function did wrong; shared by an evaluator and its runners.
///
/// Not thread-safe: it belongs to one evaluator.
final class FunctionFailure: @unchecked Sendable {
    private(set) var diagnosis: Diagnosis?

    func note(_ found: Diagnosis) { diagnosis = diagnosis ?? found }
}

/// Evaluates the outputs of a function; NaN once it has failed.
struct FunctionRunner: TileRunner {
    private let instance: any SeriesFunctionInstance
    private let bars: Bars
    private let failure: FunctionFailure
    private var rows = 0

    init(_ series: DefinedSeries, _ bars: Bars, _ failure: FunctionFailure) {
        instance = series.function.makeInstance()
        self.bars = bars
        self.failure = failure
    }

    mutating func run(_ tile: borrowing TileView) {
        let range = unsafe rows..<rows + tile.count
        let outputs = unsafe tile.outputs.count
        rows = range.upperBound
        var values = [[Double]](
            repeating: [Double](repeating: .nan, count: range.count), count: outputs)
        if failure.diagnosis == nil {
            do throws(Diagnosis) {
                values = try instance.values(range, of: bars, outputs: outputs)
            } catch {
                failure.note(error)
            }
        }
        for output in 0..<outputs {
            for row in range.indices {
                let index = row - range.lowerBound
                unsafe tile.outputs[output][index] = values[output][index]
            }
        }
    }
}
