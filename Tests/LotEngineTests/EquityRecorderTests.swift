import LotCore
import LotEngine
import LotMath
import Testing

@Suite struct EquityRecorderTests {
    private func recorder() -> EquityRecorder {
        let row = (100.0, 100.0, 100.0, 100.0)
        return EquityRecorder(cash: 100, bars: hourly([row], start: 0), window: 0..<1)
    }

    @Test func `short runs keep a point a bar, with the drawdown from the running peak`() {
        var recorder = recorder()
        for (index, equity) in [110.0, 88, 120, 90, 100].enumerated() {
            recorder.mark(
                time: Int64(index + 1) * 3_600_000, equity: equity, position: 1, close: 1)
        }
        recorder.finish(equity: 96)
        #expect(recorder.curve.map(\.equity) == [110, 88, 120, 90, 96])
        // 1 − 88/110, 1 − 90/120, 1 − 96/120
        let drawdowns = recorder.curve.map(\.drawdown)
        #expect(zip(drawdowns, [0, 0.2, 0, 0.25, 0.2]).allSatisfy { close($0, $1) })
        #expect(recorder.tracker.maxDrawdown == 0.25)
        #expect(recorder.curve.last?.position == 0)
    }

    @Test func `runs beyond the limit keep a point a day`() throws {
        let count = EquityRecorder.everyBarLimit + 1
        let minute = try #require(Interval("1m"))
        let bars = Bars(
            interval: minute,
            (0..<count).map {
                Bar(
                    openTime: Int64($0) * 60_000, open: 1, high: 1, low: 1, close: 1, volume: 1)
            })
        let result = try runBacktest(
            Puppet { _, _ in },
            BacktestInput(
                bars: bars, window: 0..<count, instrument: Instrument(), settings: free))
        // 50,001 minutes are 34 days and 1,041 minutes; a bar that closes at midnight belongs to
        // the day before it
        #expect(result.equity.curve.count == 35)
        #expect(result.equity.curve[0].time == 86_400_000)
        #expect(result.equity.tracker.closes.count == 35)
    }
}
