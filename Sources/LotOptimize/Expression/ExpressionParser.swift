import LotCore

/// Reads the words of an expression by precedence.
///
/// V. Pratt, "Top down operator precedence", POPL 1973.
struct ExpressionParser {
    private let lexer: ExpressionLexer
    private let tokens: [ExpressionToken]
    private let names: [String]
    private let texts: [String: [String]]
    private var index = 0
    private var depth = 0
    /// Indexes of the names that were read.
    private(set) var read: Set<Int> = []

    init(
        _ text: String, names: [String], texts: [String: [String]], subject: String
    ) throws(Diagnosis) {
        var lexer = ExpressionLexer(text, subject: subject)
        tokens = try lexer.tokens()
        self.lexer = lexer
        self.names = names
        self.texts = texts
    }

    /// The whole text as one expression.
    mutating func whole() throws(Diagnosis) -> ExpressionNode {
        if tokens.count == 1 { throw lexer.refused("is empty", at: 1) }
        let node = try expression(0)
        guard tokens[index].kind == .end else {
            throw lexer.refused("ends here and goes on", at: tokens[index].place)
        }
        return node
    }

    /// How tightly operators bind; the right side of `^` begins one lower.
    private static func binary(_ token: ExpressionToken) -> (ExpressionOperator, Int)? {
        switch token.kind {
        case .word("or"), .symbol("||"): (.or, 1)
        case .word("and"), .symbol("&&"): (.and, 2)
        case .symbol("**"): (.power, 8)
        case .symbol(let text):
            ExpressionOperator(rawValue: text).flatMap { operation in
                switch operation {
                case .add, .subtract: (operation, 5)
                case .multiply, .divide: (operation, 6)
                case .power: (operation, 8)
                case _ where operation.isCondition: (operation, 4)
                default: nil
                }
            }
        default: nil
        }
    }

    private mutating func expression(_ least: Int) throws(Diagnosis) -> ExpressionNode {
        depth += 1
        defer { depth -= 1 }
        guard depth < 100 else {
            throw lexer.refused("is nested too deeply", at: tokens[index].place)
        }
        var left = try operand()
        while let (operation, power) = ExpressionParser.binary(tokens[index]), power > least {
            let place = tokens[index].place
            index += 1
            if power == 4, left.isCondition {
                throw lexer.refused(
                    "compares a comparison", at: place, hint: "join comparisons with and")
            }
            if case .text(let text) = tokens[index].kind {
                left = try compared(left, operation, with: text)
            } else {
                let right = try expression(operation == .power ? power - 1 : power)
                left = .binary(operation, left, right)
            }
        }
        return left
    }

    /// A name compared with one of the names of its values.
    private mutating func compared(
        _ left: ExpressionNode, _ operation: ExpressionOperator, with text: String
    ) throws(Diagnosis) -> ExpressionNode {
        let place = tokens[index].place
        guard case .name(let name) = left, let values = texts[names[name]],
            operation == .equal || operation == .unequal
        else {
            throw lexer.refused(
                "a text can be compared only with a choice, by == or !=", at: place)
        }
        guard let value = values.firstIndex(of: text) else {
            throw lexer.refused(
                "\(names[name]) has no value \"\(escaped(text))\"", at: place,
                hint: "it has " + values.joined(separator: ", "))
        }
        index += 1
        return .binary(operation, left, .number(Double(value)))
    }

    private mutating func operand() throws(Diagnosis) -> ExpressionNode {
        let token = tokens[index]
        index += 1
        switch token.kind {
        case .number(let number): return .number(number)
        case .symbol("-"): return .negate(try expression(7))
        case .symbol("+"): return try expression(7)
        case .word("not"), .symbol("!"): return .not(try expression(3))
        case .symbol("("):
            let inner = try expression(0)
            try expect(")")
            return inner
        case .word(let word): return try named(word, at: token.place)
        case .end: throw lexer.refused("something is missing at the end", at: token.place)
        case .text, .symbol:
            throw lexer.refused("a name or a number is missing here", at: token.place)
        }
    }

    private mutating func named(_ word: String, at place: Int) throws(Diagnosis) -> ExpressionNode {
        guard tokens[index].kind == .symbol("(") else {
            guard let name = names.firstIndex(of: word) else {
                throw unknown(word, names, at: place)
            }
            read.insert(name)
            return .name(name)
        }
        index += 1
        if let function = ExpressionFunction(rawValue: word) {
            let inner = try expression(0)
            try expect(")")
            return .call(function, inner)
        }
        guard let operation = ExpressionOperator(rawValue: word),
            operation == .minimum || operation == .maximum
        else {
            let known = ExpressionFunction.allCases.map(\.rawValue) + ["min", "max"]
            throw unknown(word, known, at: place)
        }
        var result = try expression(0)
        repeat {
            try expect(",")
            result = .binary(operation, result, try expression(0))
        } while tokens[index].kind == .symbol(",")
        try expect(")")
        return result
    }

    private mutating func expect(_ symbol: String) throws(Diagnosis) {
        guard tokens[index].kind == .symbol(symbol) else {
            throw lexer.refused("\"\(symbol)\" is missing", at: tokens[index].place)
        }
        index += 1
    }

    private func unknown(_ word: String, _ known: [String], at place: Int) -> Diagnosis {
        let shown = known.count > 12 ? "docs/metrics.md lists them" : known.joined(separator: ", ")
        return lexer.refused(
            "\"\(escaped(word))\" is not known", at: place,
            hint: nearest(to: word, in: known).map { "did you mean \"\($0)\"?" } ?? shown)
    }
}
