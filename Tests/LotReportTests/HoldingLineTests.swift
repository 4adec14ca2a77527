import LotCore
import LotTestSupport
import Testing

@testable import LotReport

/// What buying and holding is worth in a picture of a run that is put together from stretches.
@Suite struct HoldingLineTests {
    private static let hour: Int64 = 3_600_000

    /// Four closes: 100 and 110 in the first stretch; 300 and 330 in a second one, which opened at
    /// 250, a day later.
    private func result() -> RunResult {
        var result = SyntheticRun.result(bars: 4)
        result.settings.startingCash = 1_000
        result.portfolio = []
        let hours: [Int64] = [1, 2, 27, 28]
        result.equity = zip(hours, [100.0, 110, 300, 330]).map { hour, close in
            EquityPoint(
                time: hour * Self.hour, equity: 1_000, drawdown: 0, position: 0, close: close)
        }
        result.details.seams = [
            RunSeam(time: 26 * Self.hour, skipped: 24 * Self.hour, priceScale: 110.0 / 250)
        ]
        return result
    }

    @Test func `holding ends with a stretch and begins again at the open of the next`() {
        // 1,000 buy at 100 and are worth 1,100 at 110; those buy at 250 and are worth 1,100 · 300 /
        // 250 and 1,100 · 330 / 250.
        let expected = [1_000, 1_100, 1_320, 1_452.0]
        for (value, wanted) in zip(result().holding, expected) {
            #expect(abs(value - wanted) < 1e-9)
        }
        #expect(result().holding.count == 4)
    }

    @Test func `without seams it is the price in units of the starting cash`() {
        var whole = result()
        whole.details.seams = []
        #expect(whole.holding == [1_000, 1_100, 3_000, 3_300])
        whole.equity[0].close = 0
        #expect(whole.holding.isEmpty)
    }

    @Test func `the closes of several symbols are joined already`() {
        var several = result()
        several.portfolio = [SymbolData(data: several.data, instrument: several.instrument)]
        #expect(several.holding == [1_000, 1_100, 3_000, 3_300])
    }

    @Test func `the line of prices is open where nothing was tested`() {
        func closes(_ result: RunResult) -> PlotLine {
            result.broken(
                PlotLine(
                    name: "Close", times: result.equity.map(\.time),
                    values: result.equity.map(\.close)))
        }
        let line = closes(result())
        #expect(line.times == [1, 2, 26, 27, 28].map { $0 * Self.hour })
        #expect(line.values[2].isNaN)
        #expect(line.values.filter(\.isFinite) == [100, 110, 300, 330])
        var joined = result()
        joined.details.seams[0].skipped = 0
        #expect(closes(joined).values == [100, 110, 300, 330])
    }
}
