import LotTestSupport
import Testing

@testable import LotReport

@Suite struct JSONWriterTests {
    private func write(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(arguments: [
        (0.1, "0.1"), (1.0, "1"), (-0.0, "-0.0"), (10_000, "10000"), (1e16, "1e+16"),
        (Double.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (0.30000000000000004, "0.30000000000000004"),
    ])
    func `a number is the shortest that reads back`(value: Double, text: String) {
        #expect(write { $0.value(value) } == text)
        #expect(Double(text) == value)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `what JSON cannot say is null`(value: Double) {
        #expect(write { $0.value(value) } == "null")
    }

    @Test func `nil is null`() {
        #expect(
            write {
                $0.array(inline: true) {
                    $0.value(nil as Double?)
                    $0.value(nil as String?)
                    $0.value(nil as Int?)
                }
            } == "[null, null, null]")
    }

    @Test func `quotes, backslashes, controls and markup are escaped`() {
        #expect(
            write { $0.value("a\"b\\c\n\t\r\u{1}\u{1B}<&>\u{2028}é😀") }
                == #""a\"b\\c\n\t\r\u0001\u001b\u003c\u0026\u003e\u2028é😀""#)
    }

    @Test func `members keep the order in which they are written`() {
        let text = write { json in
            json.object { json in
                json.key("z")
                json.value(1)
                json.key("a")
                json.array { json in
                    json.value(true)
                    json.object(inline: true) { json in
                        json.key("k")
                        json.value("v")
                        json.key("n")
                        json.value(2.5)
                    }
                }
                json.key("empty")
                json.object { _ in }
            }
        }
        #expect(
            text == """
                {
                  "z": 1,
                  "a": [
                    true,
                    {"k": "v", "n": 2.5}
                  ],
                  "empty": {}
                }
                """)
    }

    @Test func `a million numbers are a matter of a moment`() {
        var random = SplitMix(3)
        var json = JSONWriter(capacity: 24_000_000)
        json.array(inline: true) { json in
            for _ in 0..<1_000_000 { json.value(random.unit() * 100_000) }
        }
        #expect(json.bytes.count > 10_000_000)
    }
}
