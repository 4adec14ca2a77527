import Foundation
import LotCore
import Testing

@testable import LotOptimize

/// TPE in its batches of 8, as `lot optimize` runs it, held to Optuna's TPE in batches of 8 and one
/// trial at a time (Golden/make_tpe.py, 100 seeds each).
@Suite struct TreeParzenTests {
    struct Golden: Decodable {
        struct Row: Decodable, Sendable {
            var function: String
            var mode: String
            var trials: Int
            var lower: Double
            /// With 99 % confidence Optuna's true median is not above this.
            var above: Double
            var median: Double
            var upper: Double

            var isBatch: Bool { mode != "one at a time" }
        }
        var seeds: Int
        var batch: Int
        var rows: [Row]
    }

    static let functions = TestFunction.single + [TestFunction.mixed]

    static let golden: Golden? = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Golden/tpe.json")
        return (try? Data(contentsOf: file)).flatMap {
            try? JSONDecoder().decode(Golden.self, from: $0)
        }
    }()

    /// 300 seeds and 200 trials in the nightly form; 9 and 96 else.
    private static let isLong = ConvergenceTests.isLong

    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }

    @Test func `the golden runs are there`() throws {
        let golden = try #require(Self.golden)
        #expect(golden.seeds == 100 && golden.batch == TreeParzenSampler.Settings().batch)
        #expect(golden.rows.count == Self.functions.count * 3 * 3)
    }

    /// The median must stay below the upper end of what Optuna's true median in batches may be.
    ///
    /// With its liar or without, whichever end is lower.
    @Test(arguments: functions.map(\.name))
    func `batches come as near as Optuna's`(_ name: String) throws {
        let function = try #require(Self.functions.first { $0.name == name })
        let rows = try #require(Self.golden).rows.filter { $0.function == name }
        let counts = Self.isLong ? [48, 96, 200] : [96]
        var best = counts.map { _ in [Double]() }
        for seed in 0..<UInt64(Self.isLong ? 300 : 9) {
            let sampler = try SamplerKind.tpe.make(function.space, seed: seed, targets: 1) { _ in
                true
            }
            let losses = function.search(sampler, trials: counts.last ?? 0).map { $0.losses[0] }
            for (column, count) in counts.enumerated() {
                best[column].append(losses.prefix(count).min() ?? .infinity)
            }
        }
        for (count, values) in zip(counts, best.map { $0.sorted() }) {
            let median = Self.quantile(values, 0.5)
            let theirs = rows.filter { $0.trials == count && $0.isBatch }
            #expect(theirs.count == 2)
            if Self.isLong {
                print("figure tpe", name, count, median, theirs.map(\.median))
            }
            #expect(median <= theirs.map(\.above).min() ?? -.infinity, "\(count) trials")
        }
    }

    /// Over lines, steps and names together a density sums to 1.
    @Test func `a density is one, and its draws follow it`() throws {
        let axes = [
            ParzenAxis(Dimension(name: "n", kind: .int(0...7, step: 1))),
            ParzenAxis(Dimension(name: "c", kind: .choice(["a", "b", "c"]))),
            ParzenAxis(
                Dimension(name: "x", kind: .float(0...1, step: nil, isLogarithmic: false))),
        ]
        var density = ParzenEstimator(
            [[0.0625, 0.5, 0.2], [0.4375, 0.9, 0.21], [0.9375, 0.5, 0.8]], weights: [1, 0.5, 2],
            axes)
        let steps = 400
        var sum = 0.0
        var isHere = 0.0
        for n in 0..<8 {
            for c in 0..<3 {
                for x in 0..<steps {
                    let place = [
                        (Double(n) + 0.5) / 8, (Double(c) + 0.5) / 3,
                        (Double(x) + 0.5) / Double(steps),
                    ]
                    let part = density.density(place) / Double(8 * 3 * steps)
                    sum += part
                    if n == 7, c == 1, x >= steps / 2 { isHere += part }
                }
            }
        }
        #expect(abs(sum - 1) < 1e-4)
        var random = Xoshiro256(seed: 4)
        let draws = 20_000
        let hits = (0..<draws).filter { _ in
            let place = density.drawn(&random)
            return place[0] >= 7.0 / 8 && Int(place[1] * 3) == 1 && place[2] >= 0.5
        }.count
        // Four standard deviations of the count.
        let spread = (isHere * (1 - isHere) / Double(draws)).squareRoot()
        #expect(abs(Double(hits) / Double(draws) - isHere) < 4 * spread)
    }
}
