public import LotCore

/// Arithmetic and comparisons over named numbers: `sharpe - 2 * max_drawdown`, `fast < slow`.
///
/// Operators from the weakest: `or`, `and`, `not`, `< <= > >= == !=`, `+ -`, `* /`, unary `-`, `^`
/// (from the right). Functions: `abs`, `sqrt`, `log`, `exp`, `min`, `max`. A name may be compared
/// with a quoted text where its values have names: `mode == "up"`.
///
/// A value that is undefined (not a number) makes every result undefined that reads it.
public struct Expression: Sendable {
    /// As it was written.
    public let text: String
    /// Indexes of the names that it reads, ascending.
    public let names: [Int]
    /// Whether its result is a comparison: 1 or 0.
    public let isCondition: Bool
    private let root: ExpressionNode

    /// Reads an expression.
    ///
    /// - Parameters:
    ///   - text: The expression.
    ///   - names: The names it may read, by index.
    ///   - texts: For names whose values have names, those of the values, by their number.
    ///   - subject: The flag, for messages.
    /// - Throws: 64 for what is no expression; the message points at the place.
    public init(
        _ text: String, names: [String], texts: [String: [String]] = [:], subject: String
    ) throws(Diagnosis) {
        self.text = text
        var parser = try ExpressionParser(text, names: names, texts: texts, subject: subject)
        root = try parser.whole()
        self.names = parser.read.sorted()
        isCondition = root.isCondition
    }

    /// Computes the result.
    ///
    /// - Parameter values: A number for each name.
    /// - Returns: The result; 1 or 0 of a comparison, not a number where something is undefined.
    public func value(_ values: [Double]) -> Double { root.value(values) }

    /// How far a condition is from holding: 0 where it holds, else above 0, relative to the bound.
    ///
    /// The sum of its parts under `and`, the least under `or`; 1 where something is undefined.
    public func violation(_ values: [Double]) -> Double { root.violation(values) }
}

/// What an operator does.
enum ExpressionOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case power = "^"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case equal = "=="
    case unequal = "!="
    case and
    case or
    case minimum = "min"
    case maximum = "max"

    /// Whether it gives 1 or 0.
    var isCondition: Bool {
        switch self {
        case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal, .and, .or: true
        default: false
        }
    }
}

/// A function of one number.
enum ExpressionFunction: String, Sendable, CaseIterable {
    case abs, sqrt, log, exp
}
