import LotCore
import Testing

@testable import LotReport

@Suite struct NumberTextTests {
    @Test(arguments: [
        (1234.567, 2, "1,234.57"), (-0.001, 2, "0.00"), (0.005, 2, "0.01"), (-12.5, 0, "-13"),
        (1e6, 0, "1,000,000"), (0.1, 5, "0.10000"), (.nan, 2, "–"), (.infinity, 2, "–"),
    ])
    func `a fixed number of decimals`(value: Double, decimals: Int, text: String) {
        #expect(NumberText.fixed(value, decimals) == text)
    }

    @Test(arguments: [
        (0.0, "0 s"), (45_000, "45 s"), (3_600_000, "1 h"), (12_000_000, "3 h 20 min"),
        (90_000_000, "1 d 1 h"), (-60_000, "-1 min"), (31_536_000_000, "365 d"), (.nan, "–"),
    ])
    func `a duration in its two largest units`(milliseconds: Double, text: String) {
        #expect(NumberText.duration(milliseconds: milliseconds) == text)
    }

    @Test func `a price has the decimals of its tick`() {
        #expect(NumberText.quantity(27_961.8, step: DecimalStep("0.01")) == "27,961.80")
        #expect(NumberText.quantity(0.35763, step: nil) == "0.35763")
        #expect(NumberText.quantity(42_000, step: nil) == "42,000")
    }

    @Test func `a fraction is shown in percent`() {
        #expect(NumberText.percent(0.1234) == "12.34 %")
        #expect(NumberText.percent(-1) == "-100.00 %")
    }
}
