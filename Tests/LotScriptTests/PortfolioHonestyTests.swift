import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// `lot backtest --check` of several symbols over one account.
@Suite struct PortfolioHonestyTests {
    private static let names = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]

    /// Three stretches of one walk: the last symbol is listed later than the others.
    private static func input(_ closes: [Double] = HonestyTests.closes) -> PortfolioInput {
        let bars = [
            makeBars(Array(closes[..<1_800])), makeBars(closes[1_200..<3_000].map { $0 * 0.1 }),
            makeBars(closes[2_000..<3_800].map { $0 * 3 }),
        ]
        return PortfolioInput(
            zip(names, bars).enumerated().map { index, item in
                let start = index == 2 ? 700 : 0
                let own = item.1.slice(start..<1_800)
                return PortfolioSymbol(
                    name: item.0, bars: own, window: 0..<own.count, instrument: Instrument())
            }, settings: RunSettings(volumeLimit: nil))
    }

    private func check(
        _ text: String, closes: [Double] = HonestyTests.closes, threads: Int = 2
    ) throws -> CheckReport {
        let file = try ScriptFile(name: "s.lua", bytes: Array(text.utf8))
        return try checkHonesty(PortfolioHonestyTests.input(closes), threads: threads) {
            () throws(Diagnosis) in
            var strategies: [any Strategy] = []
            for name in PortfolioHonestyTests.names {
                guard let address = try? SeriesAddress(parsing: "test:\(name):1h") else { continue }
                strategies.append(try ScriptStrategy(file, seed: 1, address: address).strategy)
            }
            return strategies
        }
    }

    private func kinds(_ report: CheckReport) -> Set<CheckKind> {
        Set(
            report.findings.compactMap { finding in
                if case .differs = finding.verdict { finding.kind } else { nil }
            })
    }

    /// A strategy of rules with an average of `length` bars.
    private func averaging(_ average: String, size: String = "lot.equity(0.2)") -> String {
        """
        local S = lot.strategy { name = "mean" }
        function S:rules(ctx)
          local mean = \(average)
          return {
            enter_long = ctx.close:above(mean), exit_long = ctx.close:below(mean),
            size = \(size),
          }
        end
        return S
        """
    }

    @Test func `a sound strategy passes, and says how long its series take to settle`() throws {
        let report = try check(averaging("ta.ema(ctx.close, 20)"))
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.findings.count { $0.kind == .end } > 8)
        #expect(report.findings.count { $0.kind == .start } == 3)
        #expect(report.findings.count { $0.kind == .late } == 3)
        let isJudged = report.findings.filter { $0.kind == .late }.allSatisfy {
            if case .same = $0.verdict { true } else { false }
        }
        #expect(isJudged)
        #expect((100...260).contains(report.settlingBars), "\(report.settlingBars)")
    }

    @Test func `symbols that take each other's cash are compared as one account`() throws {
        let report = try check(averaging("ta.sma(ctx.close, 30)", size: "lot.equity(1)"))
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.findings.count { $0.kind == .late } == 3)
    }

    @Test func `a counter in ctx.state is found`() throws {
        let text = onBar(
            """
            local s = ctx.state
            s.n = (s.n or 0) + 1
            if s.n % 50 == 10 then ctx:buy { size = lot.equity(0.2) }
            elseif s.n % 50 == 30 then ctx:exit {} end
            """)
        let report = try check(text)
        #expect(kinds(report) == [.late])
        #expect(try check(text, threads: 1).findings == report.findings)
    }

    @Test func `a close that equals an average but for the last digit blames nobody`() throws {
        let text = onBar(
            """
            if ctx.position.flat then
              if bar.close > self.m[0] then ctx:buy { size = lot.equity(0.1) } end
            elseif bar.close < self.m[0] then ctx:exit {} end
            """, setUp: "function S:on_init(ctx) self.m = ta.sma(ctx.close, 10) end")
        let closes = HonestyTests.closes.map { ($0 / 10).rounded() / 10 }
        let report = try check(text, closes: closes)
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.findings.contains { $0.lastDigits > 0 })
    }

    @Test func `a difference names its symbol`() throws {
        let report = try check(
            onBar("if math.random() < 0.1 then ctx:buy {} else ctx:exit {} end"))
        let (_, difference) = try #require(report.firstDifference)
        let texts = [difference.expected, difference.found].filter { $0 != "nothing" }
        #expect(!texts.isEmpty)
        #expect(
            texts.allSatisfy { text in
                PortfolioHonestyTests.names.contains { text.hasPrefix($0 + " ") }
            }, "\(texts)")
    }

    @Test func `a look behind the warm-up, where NaN decides, is found`() throws {
        let setUp = "function S:on_init(ctx) self.m = ta.sma(ctx.close, 20) end"
        let text = onBar(
            """
            local far = self.m[300]
            if ctx.position.flat then
              if far ~= far or bar.close > far then ctx:buy { size = lot.equity(0.2) } end
            elseif bar.close < far then ctx:exit {} end
            """, setUp: setUp)
        #expect(try kinds(check(text)) == [.start])
    }

    @Test func `a recursive average too long for its data is found`() throws {
        let report = try check(averaging("ta.ema(ctx.close, 500)"))
        #expect(kinds(report) == [.start])
        let (finding, _) = try #require(report.firstDifference)
        #expect(!finding.isSettled)
    }
}
