import LotCore
import LotMath
import LotTestSupport
import Testing

@testable import LotReport

@Suite struct BacktestTableTests {
    let result = SyntheticRun.result(bars: 400)

    @Test(arguments: [40, 60, 76, 80, 100, 200])
    func `no line of metrics is wider than asked, none ends in a space`(width: Int) {
        for line in BacktestTable.render(result, width: width).split(separator: "\n")
        where !line.hasPrefix("warning: ") && !line.hasPrefix("2023") {
            #expect(line.count <= width, "\(line)")
            #expect(line.last != " ")
        }
    }

    @Test(arguments: [40, 80])
    func `headline metrics are there, units too, and an undefined one is a dash`(width: Int) {
        let table = BacktestTable.render(result, width: width)
        for key in MetricPresentation.headlines {
            #expect(MetricDefinition.named(key) != nil, "\(key)")
            #expect(table.contains(MetricPresentation.of(key).label), "\(key)")
        }
        #expect(!table.contains(MetricPresentation.of("serenity").label))
        #expect(table.split(separator: "\n").count < (width == 80 ? 40 : 75))
        #expect(table.contains(" %"))
        #expect(table.contains("USDT"))
        #expect(table.contains(" d"))
        #expect(table.contains("–"))
        #expect(table.contains("rejected: below min_notional: 3"))
        #expect(table.contains("warning: the exchange's rules"))
    }

    @Test(arguments: PeriodKind.allCases)
    func `a breakdown has a line for each period, columns one below the other`(kind: PeriodKind) {
        let text = BacktestTable.breakdown(SyntheticRun.result(bars: 3_000), kind)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let rows = SyntheticRun.result(bars: 3_000).details.rows(kind)
        #expect(lines.count == rows.count + 3 && lines.first == "" && lines.last == "")
        for (line, row) in zip(lines.dropFirst(2), rows) {
            #expect(line.hasPrefix(row.label(kind) + " ") && line.count == 76)
        }
        #expect(lines[1].count == 76 && lines[1].hasSuffix("Losses"))
    }

    @Test func `colour comes only when asked for`() {
        #expect(!BacktestTable.render(result).contains("\u{1B}"))
        #expect(BacktestTable.render(result, color: true).contains("\u{1B}[1m"))
    }

    @Test func `escape sequences in names are shown, not run`() {
        var hostile = result
        let attack = "x\u{1B}]0;owned\u{7}\u{9B}31m\r\n"
        hostile.strategy.name = attack
        hostile.strategy.parameters = [NamedParameter(attack, .choice(attack))]
        hostile.warnings = [attack]
        hostile.counters.rejections = [attack: 1]
        hostile.metrics.append(MetricValue(attack, 1))
        let table = BacktestTable.render(hostile)
        for scalar in table.unicodeScalars where scalar != "\n" {
            #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value))
        }
        #expect(table.contains("\\x1b]0;owned\\x07\\x9b31m\\x0d\\x0a"))
    }
}
