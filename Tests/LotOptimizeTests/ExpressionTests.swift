import Glibc
import LotCore
import LotOptimize
import Testing

/// Arithmetic over names.
@Suite struct ExpressionTests {
    static let names = ["a", "b", "mode"]

    static func make(_ text: String) throws -> LotOptimize.Expression {
        try LotOptimize.Expression(
            text, names: names, texts: ["mode": ["up", "down"]], subject: "--target")
    }

    @Test(
        arguments: [
            ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("2 ** 3", 8),
            ("10 - 4 - 3", 3), ("12 / 4 / 3", 1), ("a - 2 * b", 3 - 2 * 4), ("-a + b", 1),
            ("min(a, b, 1)", 1), ("max(a, b)", 4), ("abs(a - b)", 1), ("sqrt(b)", 2),
            ("1e-2", 0.01),
            ("a < b", 1), ("a >= b", 0), ("a < b and b < 5", 1), ("a > b or b == 4", 1),
            ("not a > b", 1), ("a < b && !(b < a)", 1), ("mode == 'down'", 1),
            ("mode != \"up\"", 1),
        ] as [(String, Double)])
    func `it computes what it says`(_ text: String, _ wanted: Double) throws {
        #expect(try Self.make(text).value([3, 4, 1]) == wanted, "\(text)")
    }

    @Test(arguments: ["a / 0 - a / 0", "sqrt(-a)", "log(0)", "a + b", "a < b", "not (a < b)"])
    func `what reads something undefined is undefined`(_ text: String) throws {
        #expect(try Self.make(text).value([3, .nan, 0]).isNaN, "\(text)")
    }

    @Test(arguments: [
        ("", "is empty"), ("a +", "missing at the end"), ("a b", "ends here and goes on"),
        ("sharp", "\"sharp\" is not known"), ("(a", "\")\" is missing"), ("a = 3", "with =="),
        ("a < b < 3", "compares a comparison"), ("foo(a)", "\"foo\" is not known"),
        ("1.2.3", "is no number"), ("a == 'x'", "only with a choice"), ("a # b", "no meaning"),
        ("mode == 'side'", "it has up, down"), ("'up'", "a name or a number is missing"),
        ("min(a)", "\",\" is missing"), ("1e999", "is no number"),
    ])
    func `what is no expression is refused with its place`(_ text: String, _ words: String) {
        let error = #expect(throws: Diagnosis.self) { try Self.make(text) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("byte ") == true)
    }

    @Test func `deep nesting ends in an error, not in a crash`() {
        let text = String(repeating: "(", count: 2_000) + "a" + String(repeating: ")", count: 2_000)
        #expect(throws: Diagnosis.self) { try Self.make(text) }
    }

    @Test func `a violation is 0 where the condition holds and grows with the distance`() throws {
        let bound = try Self.make("a < 2")
        #expect(bound.violation([1, 0, 0]) == 0)
        #expect(bound.violation([2, 0, 0]) > 0)
        #expect(bound.violation([3, 0, 0]) == 0.5)
        #expect(bound.violation([5, 0, 0]) == 1.5)
        #expect(bound.violation([.nan, 0, 0]) == 1)
        #expect(try Self.make("a < 2 and b < 2").violation([3, 4, 0]) == 1.5)
        #expect(try Self.make("a < 2 or b < 2").violation([3, 4, 0]) == 0.5)
        #expect(try Self.make("a < 2 or b < 2").violation([1, 4, 0]) == 0)
    }

    @Test func `it knows which names it reads and whether it compares`() throws {
        #expect(try Self.make("b - b").names == [1])
        #expect(try Self.make("a < b").isCondition)
        #expect(try !Self.make("a - b").isCondition)
        #expect(try Self.make("not a").isCondition)
    }
}
