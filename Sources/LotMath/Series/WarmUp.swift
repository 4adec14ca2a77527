/// The number of rows before an indicator's first value, as an expression over its parameters.
///
/// One source for what the evaluator counts and what the documentation says:
/// `"slow" + "signal" - 2` is a number of rows for given parameters, and a text.
public struct WarmUp: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// The expression, as documentation shows it.
    public let text: String
    /// Whether the text needs brackets inside a product.
    private let isSum: Bool
    private let value: @Sendable ([String: Double]) -> Double

    private init(
        _ text: String, isSum: Bool = false,
        _ value: @escaping @Sendable ([String: Double]) -> Double
    ) {
        (self.text, self.isSum, self.value) = (text, isSum, value)
    }

    /// A number of rows.
    public init(integerLiteral rows: Int) { self.init("\(rows)") { _ in Double(rows) } }

    /// The value of the parameter with this name.
    public init(stringLiteral name: String) {
        self.init("`\(name)`") { parameters in
            guard let value = parameters[name] else { preconditionFailure("no parameter \(name)") }
            return value
        }
    }

    /// Number of rows for these parameters, by name.
    func rows(_ parameters: [String: Double]) -> Int { Int(value(parameters)) }

    /// Rows of both.
    public static func + (a: WarmUp, b: WarmUp) -> WarmUp {
        WarmUp("\(a.text) + \(b.text)", isSum: true) { a.value($0) + b.value($0) }
    }

    /// Rows of `a` without those of `b`.
    public static func - (a: WarmUp, b: WarmUp) -> WarmUp {
        let text = b.isSum ? "(\(b.text))" : b.text
        return WarmUp("\(a.text) − \(text)", isSum: true) { a.value($0) - b.value($0) }
    }

    /// So many times the rows of `b`.
    public static func * (a: Int, b: WarmUp) -> WarmUp {
        let text = b.isSum ? "(\(b.text))" : b.text
        return WarmUp("\(a) · \(text)") { Double(a) * b.value($0) }
    }

    /// The largest.
    public static func largest(_ all: WarmUp...) -> WarmUp {
        WarmUp("max(\(all.map(\.text).joined(separator: ", ")))") { parameters in
            all.map { $0.value(parameters) }.max() ?? 0
        }
    }

    /// The square root, rounded down.
    public static func root(_ a: WarmUp) -> WarmUp {
        WarmUp("⌊√\(a.text)⌋") { a.value($0).squareRoot().rounded(.down) }
    }
}
