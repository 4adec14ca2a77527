import LotCore
import LotEngine
import LotMath
import LotScript
import Testing

/// What `lot backtest --check` must not blame on a script, and what may not hide behind that.
@Suite struct FairnessTests {
    /// The walk with two digits fewer: averages of it are equal to closes now and then.
    private static let coarse = HonestyTests.closes.map { ($0 / 10).rounded() / 10 }

    private func check(
        _ text: String, closes: [Double] = HonestyTests.closes, market: Market = .spot,
        _ change: (inout BacktestInput) -> Void = { _ in }
    ) throws -> CheckReport {
        let file = try ScriptFile(name: "s.lua", bytes: Array(text.utf8))
        let address = try testAddress(market)
        var input = HonestyTests.input(closes)
        input.instrument = Instrument(market: market)
        change(&input)
        return try checkHonesty(input, threads: 2) { () throws(Diagnosis) in
            try ScriptStrategy(file, seed: 1, address: address).strategy
        }
    }

    private func kinds(_ report: CheckReport) -> Set<CheckKind> {
        Set(
            report.findings.compactMap { finding in
                if case .differs = finding.verdict { finding.kind } else { nil }
            })
    }

    private func rules(_ body: String) -> String {
        """
        local S = lot.strategy { name = "r" }
        function S:rules(ctx)
          \(body)
        end
        return S
        """
    }

    // MARK: The last digit

    private let average = FairnessTests.average(10)

    private static func average(_ length: Int) -> String {
        "function S:on_init(ctx) self.m = ta.sma(ctx.close, \(length)) end"
    }

    @Test(arguments: [
        "ta.crossings(c, m, 30):above(4)", "ta.bars_since(c:crosses_above(m)):above(6)",
        "ta.value_when(c:crosses_above(m), c):above(c)",
    ])
    func `what is counted where the last digit decides blames nobody`(_ condition: String) throws {
        let text = rules(
            """
            local c, m = ctx.close, ta.sma(ctx.close, 10)
            local held = \(condition)
            return { enter_long = held, exit_long = ~held, size = lot.equity(0.5) }
            """)
        let report = try check(text, closes: FairnessTests.coarse)
        #expect(kinds(report).isEmpty, "\(report.findings)")
    }

    @Test(arguments: [5, 10, 20, 40])
    func `a close that equals an average but for the last digit blames nobody`(
        _ length: Int
    ) throws {
        let text = onBar(
            """
            if ctx.position.flat then
              if bar.close > self.m[0] then ctx:buy { size = lot.equity(0.5) } end
            elseif bar.close < self.m[0] then ctx:exit {} end
            """, setUp: FairnessTests.average(length))
        let report = try check(text, closes: FairnessTests.coarse)
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
        #expect(report.findings.contains { $0.lastDigits > 0 })
        let starts = report.findings.filter { $0.kind == .start }
        #expect(starts.allSatisfy { if case .same = $0.verdict { true } else { false } })
    }

    @Test func `a look behind the warm-up does not hide behind equal numbers`() throws {
        let setUp = """
            function S:on_init(ctx) self.m = ta.sma(ctx.close, 10) self.n = ta.min(self.m, self.m) \
            self.o = self.m + 0 end
            """
        let text = onBar(
            """
            local far = self.m[300]
            if ctx.position.flat then
              if far ~= far or bar.close > far then ctx:buy {} end
            elseif bar.close < far then ctx:exit {} end
            """, setUp: setUp)
        for closes in [HonestyTests.closes, FairnessTests.coarse] {
            let report = try check(text, closes: closes)
            #expect(kinds(report) == [.start])
            let (finding, difference) = try #require(report.firstDifference)
            #expect(finding.distance == Int((difference.time - finding.time) / 3_600_000))
            #expect(finding.distance >= finding.settlingBars)
        }
    }

    // MARK: Legs and latency

    /// The long leg is held all the time, so that a cut ends it in the bar in which a short ends.
    @Test func `the legs of a hedged position end in any order at a cut`() throws {
        let text = rules(
            """
            local a = ta.sma(ctx.close, 6)
            return {
              enter_long = ctx.close:above(0), enter_short = ctx.close:crosses_below(a),
              exit_short = ctx.close:crosses_above(a), size = lot.equity(0.1),
            }
            """)
        let report = try check(text, market: .perp) { input in
            input.settings.perpetual.positionMode = .hedge
        }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
    }

    @Test func `an exit under way has no side yet`() throws {
        let text = rules(
            """
            local a = ta.sma(ctx.close, 3)
            return {
              enter_short = ctx.close:crosses_below(a), exit_short = ctx.close:crosses_above(a),
              enter_long = ctx.close:above(1e9), size = lot.equity(0.3),
            }
            """)
        let report = try check(text, market: .perp) { $0.settings.latency = 1_800_000 }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
    }

    /// Of a ruined account nothing is there to close when an exit is sent.
    @Test func `an exit has no side where only one account has a position`() throws {
        let text = rules(
            """
            local a = ta.sma(ctx.close, 3)
            return {
              enter_short = ctx.close:crosses_below(a), enter_long = ctx.close:crosses_above(a),
              max_bars = 5, size = lot.quote(2000),
            }
            """)
        let report = try check(text, market: .perp) { input in
            input.settings.perpetual.leverage = 10
            input.settings.takerFee = 0.01
            input.settings.latency = 5_400_000
        }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
    }

    // MARK: Another account

    private let thin = """
        local a = ta.sma(ctx.close, 5)
        return {
          enter_long = ctx.close:above(a), exit_long = ctx.close:below(a), stop_loss = 0.01,
          take_profit = 0.02, size = lot.equity(0.9),
        }
        """

    @Test(arguments: [0.001, 0.003, 0.006])
    func `what more volume would have filled blames no rules`(_ limit: Double) throws {
        let report = try check(rules(thin)) { input in
            input.settings.volumeLimit = limit
            input.settings.startingCash = 12_000
        }
        #expect(report.hasRules)
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
    }

    @Test func `an account that is ruined blames no rules`() throws {
        let text = rules(
            """
            local a = ta.sma(ctx.close, 5)
            return {
              enter_long = ctx.close:above(a), exit_long = ctx.close:below(a),
              size = lot.quote(4000),
            }
            """)
        let report = try check(text, market: .perp) { input in
            input.settings.perpetual.leverage = 10
            input.settings.takerFee = 0.01
            input.settings.volumeLimit = nil
        }
        #expect(report.isPassed, "\(String(describing: report.firstDifference))")
    }

    @Test func `a counter does not hide behind the volume`() throws {
        let text = onBar(
            """
            local s = ctx.state
            s.n = (s.n or 0) + 1
            if s.n % 50 == 10 then ctx:buy {} elseif s.n % 50 == 30 then ctx:exit {} end
            """)
        let report = try check(text) { $0.settings.volumeLimit = 0.003 }
        #expect(kinds(report) == [.late])
        #expect(!report.hasRules)
    }

    @Test func `a difference shows what differs, a stop too`() throws {
        let text = onBar(
            """
            local s = ctx.state
            s.n = (s.n or 0) + 1
            if ctx.position.flat and bar.close > self.m[0] then
              ctx:buy { stop_loss = 0.01 + (s.n % 7) * 0.005 }
            elseif ctx.position.long and bar.close < self.m[0] then ctx:exit {} end
            """, setUp: average)
        let report = try check(text)
        #expect(kinds(report) == [.late])
        let (_, difference) = try #require(report.firstDifference)
        #expect(difference.expected != difference.found)
        #expect(difference.expected.contains(" stop_loss 0.0"))
    }
}
