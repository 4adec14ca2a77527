import LotCore
import LotEngine
import Testing

@Suite struct EquityRecorderTests {
    @Test func `maximum drawdown sees every close`() {
        var recorder = EquityRecorder(cash: 100, bars: 5)
        for (index, equity) in [110.0, 88, 120, 90, 100].enumerated() {
            recorder.mark(
                time: Int64(index + 1) * 3_600_000, equity: equity, position: 0, close: 1)
        }
        recorder.finish(equity: 100)
        // 1 − 90 / 120 = 0.25 beats 1 − 88 / 110 = 0.2
        #expect(recorder.maxDrawdown == 0.25)
        #expect(recorder.peak == 120)
        #expect(recorder.curve.count == 5)
    }

    @Test func `a fall below the starting cash is a drawdown`() {
        var recorder = EquityRecorder(cash: 100, bars: 1)
        recorder.mark(time: 1, equity: 75, position: 0, close: 1)
        recorder.finish(equity: 75)
        #expect(recorder.maxDrawdown == 0.25)
        #expect(recorder.peak == 100)
    }

    @Test func `a bar that closes at midnight belongs to the day before`() {
        var recorder = EquityRecorder(cash: 1, bars: 49)
        for hour in 1...49 {
            recorder.mark(
                time: Int64(hour) * 3_600_000, equity: Double(hour), position: 0, close: 1)
        }
        recorder.finish(equity: 49)
        #expect(recorder.days.map(\.equity) == [24, 48, 49])
        #expect(recorder.days.map(\.time) == [24, 48, 49].map { $0 * 3_600_000 })
    }

    @Test func `long runs keep a point a day`() {
        let bars = EquityRecorder.everyBarLimit + 1
        var recorder = EquityRecorder(cash: 1, bars: bars)
        for minute in 1...bars {
            recorder.mark(
                time: Int64(minute) * 60_000, equity: 1, position: 0, close: 1)
        }
        recorder.finish(equity: 1)
        // 50,001 minutes are 34 days and 1,041 minutes
        #expect(recorder.curve.count == 35)
    }

    @Test func `the running drawdown equals the definition for random curves`() {
        var random = Random(state: 4)
        var recorder = EquityRecorder(cash: 100, bars: 2_000)
        var curve = [100.0]
        for index in 1...2_000 {
            let equity = (curve.last ?? 100) * (1 + 0.02 * (random.unit() - 0.5))
            curve.append(equity)
            recorder.mark(
                time: Int64(index) * 3_600_000, equity: equity, position: 0, close: 1)
        }
        recorder.finish(equity: curve.last ?? 0)
        var peak = 0.0
        var worst = 0.0
        for equity in curve {
            peak = max(peak, equity)
            worst = max(worst, 1 - equity / peak)
        }
        #expect(recorder.maxDrawdown == worst)
    }
}
