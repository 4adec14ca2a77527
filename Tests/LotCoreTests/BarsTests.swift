import LotCore
import Testing

/// Columns and bars in memory.
struct BarsTests {
    static let bars = Bars(
        interval: Interval.all[1],
        (0..<10).map {
            Bar(
                openTime: Int64($0) * 120_000, open: 1, high: 2, low: 0.5, close: 1.5,
                volume: Double($0))
        })

    @Test func `the first bar at or after a time is found`() {
        for time in Int64(-1)...1_200_001 where time % 59_999 < 3 {
            let expected = (0..<10).first { Int64($0) * 120_000 >= time } ?? 10
            #expect(Self.bars.firstIndex(atOrAfter: time) == expected)
        }
    }

    @Test func `a bar closes one interval after it opens`() {
        #expect(Self.bars.closeTime(3) == 360_000 + 60_000)
        #expect(Self.bars[3].volume == 3)
    }

    @Test func `a column keeps what it was given`() {
        #expect(Column([1.0, 2, 3]).array == [1, 2, 3])
        #expect(Column([Int64]()).count == 0)
    }

    @Test func `without a volume column volumes read 0`() {
        let bars = Bars(interval: Interval.all[1], [Self.bars[4]], hasVolume: false)
        #expect(bars.volume == nil && bars[0].volume == 0)
    }
}
