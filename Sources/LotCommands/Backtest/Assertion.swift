import LotCore

/// A condition on a metric, from `--assert "sharpe>=1"`.
struct Assertion: Sendable, Equatable {
    /// How two numbers are compared.
    enum Comparison: String, CaseIterable, Sendable {
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case unequal = "!="
        case above = ">"
        case below = "<"
    }

    /// The text as the user wrote it.
    let text: String
    /// Key of the metric.
    let metric: String
    /// How it is compared.
    let comparison: Comparison
    /// With what.
    let bound: Double

    /// Reads `metric OP number`.
    ///
    /// - Throws: Exit code 64 if the form is wrong or no metric has that key.
    init(_ text: String, metrics: [String]) throws(Diagnosis) {
        try Assertion.refuseSeveral(text)
        let compact = String(text.filter { $0 != " " })
        guard
            let comparison = Comparison.allCases.first(where: { compact.split($0.rawValue) != nil }
            ),
            let (name, number) = compact.split(comparison.rawValue)
        else {
            throw usage(
                "--assert", "\"\(escaped(text))\" is not a condition",
                hint: "write a metric, one of >= <= > < == !=, and a number: \"sharpe>=1\"")
        }
        guard metrics.contains(name) else {
            throw usage(
                "--assert", "unknown metric \"\(escaped(name))\"",
                hint: nearest(to: name, in: metrics).map { "did you mean \"\($0)\"?" }
                    ?? "docs/metrics.md lists them")
        }
        guard let bound = parseDecimal(number) else {
            throw usage("--assert", "\"\(escaped(number))\" is not a decimal number")
        }
        self.text = text
        metric = name
        self.comparison = comparison
        self.bound = bound
    }

    /// Refuses two comparisons in one text.
    private static func refuseSeveral(_ text: String) throws(Diagnosis) {
        let words = text.split(separator: " ").map { $0.lowercased() }
        let isEither = words.contains("or") || text.contains("||")
        let comparisons = text.filter { $0 != " " }.split { !"<>=!".contains($0) }.count
        let isSeveral = comparisons > 1 || words.contains("and") || text.contains("&&")
        guard isSeveral || isEither else { return }
        throw usage(
            "--assert", "\"\(escaped(text, limit: 200))\" is more than one condition",
            hint: isEither
                ? "each --assert is one condition, and all must hold: there is no or"
                : "give each its own --assert: all must hold")
    }

    /// Whether the condition holds for `value`; an undefined metric never satisfies one.
    func holds(for value: Double?) -> Bool {
        guard let value else { return false }
        return switch comparison {
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .equal: value == bound
        case .unequal: value != bound
        case .above: value > bound
        case .below: value < bound
        }
    }
}

extension String {
    /// The parts before and after the first occurrence of `separator`.
    fileprivate func split(_ separator: String) -> (String, String)? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(separator) {
                let after = index(start, offsetBy: separator.count)
                return (String(self[..<start]), String(self[after...]))
            }
            start = index(after: start)
        }
        return nil
    }
}
