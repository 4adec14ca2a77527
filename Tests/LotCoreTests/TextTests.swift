import LotCore
import Testing

/// Text in messages.
struct TextTests {
    @Test(arguments: [
        ("plain", "plain"), ("Zürich ₿ 漢", "Zürich ₿ 漢"), ("a\nb\tc", "a\\x0ab\\x09c"),
        ("\u{1b}[31mred", "\\x1b[31mred"), ("\u{7f}\u{85}", "\\x7f\\x85"),
        ("a\u{2028}b", "a\\x2028b"), ("\u{202e}gpj.exe", "\\x202egpj.exe"), ("", ""),
    ])
    func `control characters are shown, not obeyed`(text: String, shown: String) {
        #expect(escaped(text) == shown)
    }

    @Test func `bytes that are not UTF-8 are shown in hexadecimal`() {
        #expect(escaped(bytes: [0x61, 0xff, 0xc3, 0x28]) == "a\\xff\\xc3(")
        #expect(escaped(bytes: [0xe2, 0x82]) == "\\xe2\\x82")
    }

    @Test func `long text is cut at a whole character`() {
        #expect(escaped("abcdef", limit: 6) == "abcdef")
        #expect(escaped("abcdefg", limit: 6) == "abcdef…")
        // ü is two bytes; five bytes end in its middle.
        #expect(escaped("üüü", limit: 5) == "üü…")
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"), (-100, "-100"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func `digits are grouped by three`(value: Int, text: String) {
        #expect(grouped(value) == text)
    }

    @Test func `the nearest name is offered, a far one is not`() {
        let names = ["stop_loss", "take_profit", "trailing_stop", "size", "plot"]
        #expect(nearest(to: "stoploss", in: names) == "stop_loss")
        #expect(nearest(to: "tkae_profit", in: names) == "take_profit")
        #expect(nearest(to: "sise", in: names) == "size")
        #expect(nearest(to: "volume", in: names) == nil)
        #expect(nearest(to: "", in: names) == nil)
        #expect(nearest(to: "plot", in: []) == nil)
        // Capitals are no edits.
        #expect(nearest(to: "SMA", in: ["ema", "sma"]) == "sma")
        // The first of equally near names wins, so the order is the caller's.
        #expect(nearest(to: "ab", in: ["ac", "ad"]) == "ac")
    }

    @Test func `a diagnosis reads subject, place, reason, hint`() {
        let diagnosis = Diagnosis(
            .data, kind: "kline.row", subject: "x.csv", place: "line 9", reason: "no number",
            hint: "repair it")
        #expect(diagnosis.message == "x.csv: line 9: no number; repair it")
        let short = Diagnosis(.usage, kind: "flag", subject: "--x", reason: "unknown")
        #expect(short.message == "--x: unknown")
    }
}
