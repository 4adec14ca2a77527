import LotCore
import LotEngine
import LotMath

/// Prints the figures that `docs/benchmarks.md` keeps.
@main
enum Bench {
    static func main() {
        let bars = syntheticBars(1_051_200)
        report("floor: sum of one column", short(floorRate(bars)) + " GB/s")
        let time = median { _ = rulesRun(bars) }
        report("rules, SMA cross, bar by bar", short(Double(bars.count) / time / 1e6) + " M bars/s")
        print("checksum: \(rulesRun(bars))")
    }

    static func rulesRun(_ bars: Bars) -> Double {
        var program = SeriesProgram()
        let close = program.field(.close)
        let sma = IndicatorRegistry.index(of: "sma") ?? 0
        let fast = program.indicator(sma, input: close, parameters: [20])[0]
        let slow = program.indicator(sma, input: close, parameters: [100])[0]
        let rules = Rules(
            enterLong: program.apply(.crossesAbove, [fast, slow]),
            exitLong: program.apply(.crossesBelow, [fast, slow]))
        let strategy = RuleStrategy(rules, program: program)
        let input = BacktestInput(
            bars: bars, window: 0..<bars.count, instrument: Instrument(), settings: RunSettings())
        return (try? runBacktest(strategy, input).finalEquity) ?? .nan
    }

    static func floorRate(_ bars: Bars) -> Double {
        var total = 0.0
        let seconds = median {
            var sum = (0.0, 0.0, 0.0, 0.0)
            let base = unsafe bars.close.start
            for row in stride(from: 0, to: bars.count - 3, by: 4) {
                unsafe sum.0 += base[row]
                unsafe sum.1 += base[row + 1]
                unsafe sum.2 += base[row + 2]
                unsafe sum.3 += base[row + 3]
            }
            total += sum.0 + sum.1 + sum.2 + sum.3
        }
        return total.isNaN ? 0 : Double(bars.count * 8) / seconds / 1e9
    }

    static func syntheticBars(_ count: Int) -> Bars {
        var state: UInt64 = 1
        func unit() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) * 0x1p-53
        }
        var price = 30_000.0
        let bars = (0..<count).map { index in
            let open = price
            price *= 1 + 0.001 * (unit() - 0.5)
            return Bar(
                openTime: 1_672_531_200_000 + Int64(index) * 60_000, open: open,
                high: max(open, price) * 1.0001, low: min(open, price) * 0.9999, close: price,
                volume: 1_000 * unit())
        }
        guard let minute = Interval("1m") else { preconditionFailure("1m is an interval") }
        return Bars(interval: minute, bars)
    }
}
