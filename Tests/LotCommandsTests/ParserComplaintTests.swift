import LotCore
import Testing

@testable import LotCommands

@Suite struct ParserComplaintTests {
    @Test(arguments: [
        (
            "Unknown option '--dta'. Did you mean '--data'?",
            "--dta: unknown option; did you mean --data? see lot backtest --help"
        ),
        ("Unknown option '-z'", "-z: unknown option; see lot backtest --help"),
        ("Missing value for '--data <series>'", "--data: needs a value; see lot backtest --help"),
        (
            "Missing expected argument '<strategy>'",
            "<strategy>: missing; see lot backtest --help"
        ),
        (
            "The value 'abc' is invalid for '--script-time <ms>'",
            "--script-time: \"abc\" is not a value it takes; see lot backtest --help"
        ),
        (
            "2 unexpected arguments: 'bakctest', 'x'",
            "bakctest: unexpected argument; did you mean \"backtest\"? see lot backtest --help"
        ),
        (
            "Unexpected argument 'explain'",
            "explain: unexpected argument; did you mean \"lot explain\"? see lot backtest --help"
        ),
        // Several commands are called so: none is meant more than another.
        ("Unexpected argument 'list'", "list: unexpected argument; see lot backtest --help"),
        // What is said where it stands is no help.
        (
            "Unexpected argument 'backtest'",
            "backtest: unexpected argument; see lot backtest --help"
        ),
        (
            "The option '--resume' does not take any value, but '-5' was specified.",
            "--resume: takes no value, here is \"-5\"; see lot backtest --help"
        ),
        ("Something new.", "arguments: Something new; see lot backtest --help"),
        ("", "arguments: bad arguments; see lot backtest --help"),
    ]) func `a complaint names what is at fault first`(_ message: String, _ expected: String) {
        let diagnosis = ParserComplaint(message).diagnosis(help: "lot backtest --help")
        #expect(diagnosis.message == expected)
        #expect(diagnosis.code == .usage)
    }
}

@Suite struct AssertionTests {
    private let metrics = ["sharpe", "max_drawdown"]

    @Test(arguments: [
        ("sharpe>=1", 1.0, true), ("sharpe >= 1", 0.99, false), ("sharpe<1", 1, false),
        ("sharpe<=-0.5", -0.5, true), ("sharpe==2", 2, true), ("sharpe!=2", 2, false),
        ("max_drawdown < 0.25", 0.2, true), ("sharpe>1", 1, false),
    ]) func `a condition compares as it is written`(
        _ text: String, _ value: Double, _ holds: Bool
    ) throws {
        #expect(try Assertion(text, metrics: metrics).holds(for: value) == holds)
    }

    @Test(arguments: ["sharpe>=1", "sharpe<1", "sharpe!=1"])
    func `an undefined metric satisfies nothing`(_ text: String) throws {
        #expect(try !Assertion(text, metrics: metrics).holds(for: nil))
    }

    @Test(arguments: [
        ("sharp>=1", "did you mean \"sharpe\"?"), ("sharpe", "is not a condition"),
        ("sharpe>=one", "is not a decimal number"), ("sharpe>=1e3", "is not a decimal number"),
        (">=1", "unknown metric"), ("", "is not a condition"),
        ("sharpe > 1 and max_drawdown < 0.2", "give each its own --assert: all must hold"),
        ("sharpe > 1 && max_drawdown < 0.2", "is more than one condition"),
        ("sharpe > 1 OR sharpe < -1", "there is no or"),
        ("sharpe>1,max_drawdown<1", "is more than one condition"),
        ("1 < sharpe < 2", "give each its own --assert"),
        ("sharpe => 1", "did you mean \"sharpe\"?"),
    ]) func `what is no condition is refused`(_ text: String, _ reason: String) throws {
        let error = try #require(throws: Diagnosis.self) {
            _ = try Assertion(text, metrics: metrics)
        }
        #expect(error.code == .usage)
        #expect(error.message.contains(reason))
    }
}

@Suite struct NumberTests {
    @Test(arguments: [("1", 1.0), ("-0.5", -0.5), ("0001.50", 1.5), (".5", 0.5), ("5.", 5)])
    func `plain decimals are read`(_ text: String, _ value: Double) {
        #expect(parseDecimal(text) == value)
    }

    @Test(arguments: ["", "-", ".", "+1", "1e3", "nan", "inf", "0x1", "1,5", " 1", "1-", "١"])
    func `anything else is not`(_ text: String) {
        #expect(parseDecimal(text) == nil)
    }
}
