import Foundation
import Testing

@testable import LotOptimize

/// How near the samplers come on standard functions, held to Optuna's own runs: the median must
/// not be worse than Optuna's upper quartile over 20 seeds (Golden/make_convergence.py).
///
/// TPE has tests of its own.
@Suite struct ConvergenceTests {
    struct Golden: Sendable, CustomTestStringConvertible {
        var sampler: String
        var function: String
        var trials: Int
        var median: Double
        /// What the median must reach: the worse quartile.
        var bound: Double

        var testDescription: String { "\(sampler) on \(function)" }
    }

    /// Both are plain random search, whose true median there (4,000 runs) is -2.036, its spread
    /// over 20 seeds 0.13: Optuna's quartile, -2.015, is missed by 42 of 100 faultless samplers.
    private static let undecided: Set<String> = ["random hartmann"]

    /// 20 seeds and every function in the nightly form; 9 seeds and the quick ones else.
    static let isLong = ProcessInfo.processInfo.environment["LOT_FUZZ_CASES"] != nil
    private static let quick: Set<String> = [
        "random sphere", "random branin",
        "cmaes sphere", "cmaes branin", "cmaes rosenbrock", "cmaes ackley", "nsga2 zdt1",
    ]

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Golden")

    static let goldens: [Golden] = {
        let text =
            (try? String(contentsOf: folder.appending(path: "convergence.csv"), encoding: .utf8))
        return (text ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let cells = line.split(separator: ",").map(String.init)
            guard cells.count == 6, let trials = Int(cells[2]),
                let lower = Double(cells[3]), let median = Double(cells[4]),
                let upper = Double(cells[5])
            else { return nil }
            // A hypervolume is better when it is larger.
            return Golden(
                sampler: cells[0], function: cells[1], trials: trials, median: median,
                bound: cells[0] == "nsga2" ? lower : upper)
        }
    }()

    private static func isHeld(_ golden: Golden) -> Bool {
        let name = "\(golden.sampler) \(golden.function)"
        return !undecided.contains(name) && (isLong || quick.contains(name))
    }

    @Test func `the golden runs are there`() {
        #expect(Self.goldens.count == 13)
    }

    @Test(arguments: goldens.filter(isHeld))
    func `searches come as near as Optuna's`(_ golden: Golden) throws {
        let kind = try #require(SamplerKind(rawValue: golden.sampler))
        let functions = TestFunction.single + [1, 2, 3].map(TestFunction.zdt)
        let function = try #require(functions.first { $0.name == golden.function })
        let isSeveral = kind == .nsga2
        var values: [Double] = []
        for seed in 0..<UInt64(Self.isLong ? 20 : 9) {
            let sampler = try kind.make(function.space, seed: seed, targets: 1) { _ in true }
            let all = function.search(sampler, trials: golden.trials)
            #expect(all.count == golden.trials)
            values.append(
                isSeveral
                    ? ParetoFront.hypervolume(all, reference: (1.1, 1.1))
                    : all.map { $0.losses[0] }.min() ?? .infinity)
        }
        values.sort()
        let median =
            values.count % 2 == 1
            ? values[values.count / 2]
            : (values[values.count / 2 - 1] + values[values.count / 2]) / 2
        if Self.isLong {
            print("figure", golden.testDescription, median, "Optuna", golden.median, golden.bound)
        }
        // A billionth: both stand at the minimum of a function to the last digits.
        #expect(isSeveral ? median >= golden.bound : median <= golden.bound + 1e-7)
    }

    @Test func `Sobol points without scrambling are scipy's`() throws {
        let text = try String(
            contentsOf: Self.folder.appending(path: "sobol.csv"), encoding: .utf8)
        let rows = text.split(separator: "\n").map {
            $0.split(separator: ",").compactMap { Double($0) }
        }
        #expect(rows.count == 32)
        for (index, row) in rows.enumerated() {
            #expect(row.count == 64)
            for (dimension, expected) in row.enumerated() {
                let raw = SobolSampler.raw(index, SobolDirections.numbers(dimension))
                #expect(Double(raw) * 0x1p-32 == expected)
            }
        }
    }
}
