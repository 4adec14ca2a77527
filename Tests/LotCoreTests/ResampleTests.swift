import LotCore
import Testing

private let minute: Int64 = 60_000

/// Bars of one minute at these minutes; bar k opens at k and closes at k + 0.5.
private func minutes(_ times: [Int64], volume: Double = 0.1) -> Bars {
    Bars(
        interval: interval("1m"),
        times.map { time in
            Bar(
                openTime: time * minute, open: Double(time), high: Double(time) + 1,
                low: Double(time) - 1, close: Double(time) + 0.5, volume: volume)
        })
}

private func interval(_ name: String) -> Interval {
    guard let interval = Interval(name) else { preconditionFailure(name) }
    return interval
}

/// A generator for the property tests (Numerical Recipes' constants).
private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}

@Test func `five minutes are the first open, the extremes, the last close and the sum`() {
    let coarse = minutes([10, 11, 12, 13, 14]).resampled(to: interval("5m"))
    #expect(coarse.count == 1)
    #expect(
        coarse[0]
            == Bar(openTime: 10 * minute, open: 10, high: 15, low: 9, close: 14.5, volume: 0.5))
    #expect(coarse.interval == interval("5m"))
}

@Test func `a partial first bar and a partial last bar are no bars`() {
    let fine = minutes([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
    for incomplete in [IncompleteBars.leaveOut, .keep] {
        let coarse = fine.resampled(to: interval("5m"), incomplete: incomplete)
        #expect(coarse.openTime.array == [10 * minute])
    }
    #expect(minutes([7, 8]).resampled(to: interval("5m"), incomplete: .keep).count == 0)
    #expect(minutes([]).resampled(to: interval("5m")).count == 0)
}

@Test func `a bar with a missing part is left out, or made of what there is`() {
    // Minute 12 is missing; minute 19 is missing at the end of its bar.
    let fine = minutes([10, 11, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24])
    #expect(fine.resampled(to: interval("5m")).openTime.array == [20 * minute])
    let kept = fine.resampled(to: interval("5m"), incomplete: .keep)
    #expect(kept.openTime.array == [10, 15, 20].map { $0 * minute })
    #expect(kept[0].volume == 0.4)
    #expect(kept[1].close == 18.5)
}

@Test func `a bar whose first part is missing opens with the first there is`() {
    let kept = minutes([5, 6, 7, 8, 9, 12, 13, 14]).resampled(
        to: interval("5m"), incomplete: .keep)
    #expect(kept.openTime.array == [5 * minute, 10 * minute])
    #expect(kept[1].open == 12)
}

@Test func `weeks begin on Monday`() {
    // 1970-01-01 was a Thursday: days 4...10 are the first whole week.
    let days = Bars(
        interval: interval("1d"),
        (0..<13).map { day in
            Bar(
                openTime: day * millisecondsPerDay, open: Double(day) + 1, high: Double(day) + 1,
                low: Double(day) + 1, close: Double(day) + 1, volume: 1)
        })
    let weeks = days.resampled(to: interval("1w"))
    #expect(weeks.openTime.array == [4 * millisecondsPerDay])
    #expect(weeks[0].open == 5 && weeks[0].close == 11 && weeks[0].volume == 7)
}

@Test func `only whole parts on the same grid make a coarser bar`() {
    #expect(interval("1h").isMultiple(of: interval("15m")))
    #expect(interval("1w").isMultiple(of: interval("1d")))
    #expect(interval("1w").isMultiple(of: interval("8h")))
    #expect(!interval("1w").isMultiple(of: interval("3d")))
    #expect(!interval("5m").isMultiple(of: interval("3m")))
    #expect(!interval("1h").isMultiple(of: interval("1h")))
    #expect(!interval("1m").isMultiple(of: interval("1h")))
}

@Test func `open times before the epoch and before the first Monday are rounded down`() {
    #expect(interval("1h").openTime(of: -1) == -3_600_000)
    #expect(interval("1w").openTime(of: 0) == -3 * millisecondsPerDay)
    #expect(interval("1w").openTime(of: 345_600_000) == 345_600_000)
}

@Test func `no bar changes when more are known, whatever is missing`() {
    var random = Random(state: 7)
    for _ in 0..<200 {
        let times = (0..<60).filter { _ in random.next() % 10 != 0 }.map(Int64.init)
        let all = minutes(times)
        for mode in [IncompleteBars.leaveOut, .keep] {
            let whole = all.resampled(to: interval("5m"), incomplete: mode)
            let cut = Int(random.next() % UInt64(times.count + 1))
            let known = all.slice(0..<cut).resampled(to: interval("5m"), incomplete: mode)
            #expect(known.count <= whole.count)
            for row in 0..<known.count { #expect(known[row] == whole[row]) }
        }
    }
}

@Test func `without a volume column there is none in the coarser bars`() {
    let fine = Bars(
        interval: interval("1m"),
        (0..<5).map { Bar(openTime: $0 * minute, open: 1, high: 1, low: 1, close: 1, volume: 0) },
        hasVolume: false)
    #expect(fine.resampled(to: interval("5m")).volume == nil)
}

@Test func `decimals are added as decimals`() {
    var sum = DecimalSum()
    for _ in 0..<10 { sum.add(0.1) }
    #expect(sum.value == 1)
    var three = DecimalSum()
    three.add(0.1)
    three.add(0.2)
    #expect(three.value == 0.3)
    #expect(0.1 + 0.2 != 0.3)
}

@Test func `sums beyond 53 bits are the nearest double of the decimal`() {
    var random = Random(state: 99)
    for _ in 0..<2_000 {
        var sum = DecimalSum()
        var units: Int128 = 0
        for _ in 0..<Int(random.next() % 50 + 1) {
            // Up to nine digits before the point and six after it.
            let whole =
                Int64(random.next() % 1_000_000_000) * 1_000_000
                + Int64(random.next() % 1_000_000)
            units += Int128(whole)
            sum.add(Double(whole) / 1_000_000)
        }
        let text = String(units)
        let padded = String(repeating: "0", count: max(0, 7 - text.count)) + text
        #expect(sum.value == Double(padded.dropLast(6) + "." + padded.suffix(6)))
    }
}

@Test func `eight places are told from their neighbours as far as doubles can`() {
    var random = Random(state: 3)
    for _ in 0..<5_000 {
        // Up to 67 million with eight places: doubles are 0.745 · 1e-8 apart there.
        let one =
            Int64(random.next() % 67_000_000) * 100_000_000
            + Int64(random.next() % 100_000_000)
        let other = Int64(random.next() % 100_000_000)
        var sum = DecimalSum()
        sum.add(Double(one) / 1e8)
        sum.add(Double(other) / 1e8)
        let text = String(one + other)
        let padded = String(repeating: "0", count: max(0, 9 - text.count)) + text
        #expect(sum.value == Double(padded.dropLast(8) + "." + padded.suffix(8)))
    }
}

@Test func `a value that is no short decimal is added by compensation`() {
    var sum = DecimalSum()
    for _ in 0..<3 { sum.add(1.0 / 3.0) }
    #expect(sum.value == 1)
    var mixed = DecimalSum()
    mixed.add(1e18)
    mixed.add(1)
    mixed.add(-1e18)
    #expect(mixed.value == 1)
    #expect(1e18 + 1 - 1e18 == 0)
}
