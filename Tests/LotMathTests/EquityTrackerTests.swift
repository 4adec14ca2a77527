import LotCore
import Testing

@testable import LotMath

/// The engine's running record of equity.
struct EquityTrackerTests {
    static let hour: Int64 = 3_600_000
    static let day = millisecondsPerDay

    static func tracker(_ interval: String = "1h", cash: Double = 100, start: Int64 = 0) throws
        -> EquityTracker
    {
        EquityTracker(
            startingCash: cash, startTime: start, startPrice: 50,
            interval: try #require(Interval(interval)))
    }

    @Test func `before the first bar there is only cash`() throws {
        let tracker = try Self.tracker()
        #expect(tracker.closes.isEmpty)
        #expect(tracker.peak == 100 && tracker.maxDrawdown == 0 && tracker.drawdown == 0)
        #expect(tracker.last == tracker.base && tracker.firstPrice == nil)
    }

    @Test func `a bar that closes at midnight ends its day`() throws {
        var tracker = try Self.tracker()
        for bar in 1...49 {
            tracker.mark(
                time: Int64(bar) * Self.hour, equity: 100 + Double(bar), price: Double(bar))
        }
        // 24 bars of the first day, 24 of the second, one of the third.
        #expect(tracker.closes.map(\.time) == [Self.day, 2 * Self.day, 49 * Self.hour])
        #expect(tracker.closes.map(\.equity) == [124, 148, 149])
        #expect(tracker.firstPrice == 1)
    }

    @Test func `a day without bars has no close`() throws {
        var tracker = try Self.tracker()
        tracker.mark(time: 5 * Self.hour, equity: 101, price: 1)
        tracker.mark(time: 3 * Self.day + Self.hour, equity: 102, price: 1)
        #expect(tracker.closes.map(\.equity) == [101, 102])
    }

    @Test func `bars above a day close by themselves`() throws {
        var tracker = try Self.tracker("1w")
        for week in 1...3 {
            tracker.mark(time: Int64(week) * 7 * Self.day, equity: 100, price: 1)
        }
        #expect(tracker.closes.count == 3)
        #expect(tracker.periodMilliseconds == 7 * Self.day)
    }

    @Test func `a second mark at one time replaces the close`() throws {
        var tracker = try Self.tracker("1d")
        tracker.mark(time: Self.day, equity: 120, price: 1)
        tracker.mark(time: Self.day, equity: 90, price: 1)
        #expect(tracker.closes.map(\.equity) == [90])
        // The peak of 120 was a close, so the fall to 90 counts: 1 − 90 / 120.
        #expect(tracker.maxDrawdown == 0.25 && tracker.peak == 120)
    }

    @Test func `times before the epoch have days too`() throws {
        var tracker = try Self.tracker(start: -Self.day)
        tracker.mark(time: -Self.hour, equity: 1, price: 1)
        tracker.mark(time: 0, equity: 2, price: 1)
        tracker.mark(time: Self.hour, equity: 3, price: 1)
        #expect(tracker.closes.map(\.equity) == [2, 3])
    }

    @Test(arguments: 0..<40)
    func `peak, drawdown and closes equal their definitions`(seed: Int) throws {
        var random = SeededNumbers(UInt64(seed))
        var tracker = try Self.tracker(cash: 1_000)
        var curve = [1_000.0]
        var lastOfDay: [Int64: Double] = [:]
        var time: Int64 = 0
        for _ in 0..<3_000 {
            time += Self.hour * (random.unit() < 0.01 ? 40 : 1)
            let step = random.unit() < 0.5 ? 0 : (random.unit() - 0.5) * 0.01
            let equity = (curve.last ?? 0) * (1 + step)
            tracker.mark(time: time, equity: equity, price: 1)
            curve.append(equity)
            lastOfDay[(time - 1) / Self.day] = equity
        }
        var peak = 0.0
        var deepest = 0.0
        for equity in curve {
            peak = max(peak, equity)
            deepest = max(deepest, 1 - equity / peak)
        }
        #expect(tracker.peak == peak)
        #expect(tracker.maxDrawdown == deepest)
        #expect(tracker.closes.map(\.equity) == lastOfDay.sorted { $0.key < $1.key }.map(\.value))
    }
}
