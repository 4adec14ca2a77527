import LotCore
import Testing

/// The integer rule of execution.md, rule 12.
struct DecimalStepTests {
    static let steps = ["0.01", "0.00001", "0.00000001", "0.1", "0.05", "0.25", "1", "5", "100"]

    @Test(arguments: steps)
    func `on-grid values never move`(text: String) throws {
        let step = try #require(DecimalStep(text))
        // Every value, then strides out to 10^14 steps: a million coins in satoshis.
        var count: Int64 = 0
        while count < 100_000_000_000_000 {
            let value = step.multiple(Double(count))
            let stays = step.floor(value) == value && step.ceil(value) == value
            if !stays || step.steps(value, .down) != Double(count) {
                Issue.record("\(value) moves")
            }
            count += count < 50_000 ? 1 : count / 97 + 1
        }
    }

    /// The faults this replaces: `ceil(p / tick)` and `floor(q / step)` on values read from text.
    @Test func `prices as text stay where plain division moves them`() throws {
        let tick = try #require(DecimalStep("0.01"))
        let lot = try #require(DecimalStep("0.00001"))
        var plainUp = 0
        var plainDown = 0
        for count in 1...100_000 {
            let price = try #require(
                Double("\(count / 100).\(count % 100 < 10 ? "0" : "")\(count % 100)"))
            if tick.ceil(price) != price || tick.floor(price) != price {
                Issue.record("\(price) moves")
            }
            if (price / 0.01).rounded(.up) != Double(count) { plainUp += 1 }
            let digits = String(100_000 + count % 100_000).dropFirst()
            let quantity = try #require(Double("\(count / 100_000).\(digits)"))
            if lot.floor(quantity) != quantity || lot.ceil(quantity) != quantity {
                Issue.record("\(quantity) moves")
            }
            if (quantity / 0.00001).rounded(.down) != Double(count) { plainDown += 1 }
        }
        // The fault is real: some percent of plain divisions miss.
        #expect(plainUp > 1_000 && plainDown > 1_000)
    }

    @Test func `between steps it rounds as asked`() throws {
        let step = try #require(DecimalStep("0.05"))
        #expect(step.floor(10.07) == 10.05 && step.ceil(10.07) == 10.1)
        #expect(step.floor(-10.07) == -10.1 && step.ceil(-10.07) == -10.05)
        // Within a millionth of a step is on the step: 0.05 · 1e-6 = 5e-8.
        #expect(step.ceil(10.05 + 4e-8) == 10.05 && step.ceil(10.05 + 6e-8) == 10.1)
        #expect(step.floor(0) == 0)
        #expect(step.floor(.infinity) == .infinity && step.ceil(.nan).isNaN)
    }

    @Test(arguments: [
        ("0.01", 1, 2), ("0.00001000", 1, 5), ("5", 5, 0), ("5.0", 5, 0), ("10", 10, 0),
        ("0.25", 25, 2), ("00.5", 5, 1), ("0.000000000000000001", 1, 18),
    ])
    func `plain decimals are read exactly`(text: String, mantissa: Int64, exponent: Int) throws {
        let step = try #require(DecimalStep(text))
        #expect(step.mantissa == mantissa && step.exponent == exponent)
        #expect(DecimalStep(step.description) == step)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "0", "0.0", "-1", "+1", "1e-5", "0,01", " 1", "1 ", "1.2.3", "abc",
        "NaN", "99999999999999999999", "0.0000000000000000001", "１",
    ])
    func `anything else is refused`(text: String) {
        #expect(DecimalStep(text) == nil)
    }

    @Test func `prices round against the trader`() throws {
        let instrument = Instrument(
            tickSize: DecimalStep("0.01"), lotSize: DecimalStep("0.001"))
        #expect(instrument.roundAgainst(.buy, 100.001) == 100.01)
        #expect(instrument.roundAgainst(.sell, 100.009) == 100)
        #expect(instrument.floorToLot(0.0019) == 0.001)
        #expect(Instrument().roundAgainst(.buy, 100.001) == 100.001)
        #expect(Instrument().isUnknown && !instrument.isUnknown)
    }
}
