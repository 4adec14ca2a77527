import Glibc
import LotOptimize

/// The standard functions of Golden/make_convergence.py, with the same spaces.
struct TestFunction: Sendable {
    var name: String
    var space: SearchSpace
    var losses: @Sendable ([Double]) -> [Double]

    static func floats(_ count: Int, _ range: ClosedRange<Double>) -> [Dimension] {
        (0..<count).map {
            Dimension(name: "x\($0)", kind: .float(range, step: nil, isLogarithmic: false))
        }
    }

    static let single = [sphere, rosenbrock, branin, hartmann, ackley]

    static let sphere = TestFunction(
        name: "sphere", space: SearchSpace(dimensions: floats(5, -5...5))
    ) { x in [x.reduce(0) { $0 + $1 * $1 }] }

    static let rosenbrock = TestFunction(
        name: "rosenbrock", space: SearchSpace(dimensions: floats(4, -2...2))
    ) { x in
        let terms = (0..<3).map { i in
            100 * pow(x[i + 1] - x[i] * x[i], 2) + pow(1 - x[i], 2)
        }
        return [terms.reduce(0, +)]
    }

    static let branin = TestFunction(
        name: "branin",
        space: SearchSpace(dimensions: floats(1, -5...10) + floats(1, 0...15))
    ) { x in
        let b = 5.1 / (4 * Double.pi * Double.pi)
        let slope = x[1] - b * x[0] * x[0] + 5 / Double.pi * x[0] - 6
        return [slope * slope + 10 * (1 - 1 / (8 * Double.pi)) * cos(x[0]) + 10]
    }

    static let hartmann = TestFunction(
        name: "hartmann", space: SearchSpace(dimensions: floats(6, 0...1))
    ) { x in
        let a: [[Double]] = [
            [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8],
            [17, 8, 0.05, 10, 0.1, 14],
        ]
        let p: [[Double]] = [
            [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
            [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
            [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
            [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
        ]
        var sum = 0.0
        for (i, weight) in [1, 1.2, 3, 3.2].enumerated() {
            var inner = 0.0
            for j in 0..<6 { inner += a[i][j] * (x[j] - p[i][j]) * (x[j] - p[i][j]) }
            sum -= weight * exp(-inner)
        }
        return [sum]
    }

    static let ackley = TestFunction(
        name: "ackley",
        space: SearchSpace(
            dimensions: (0..<3).map { Dimension(name: "n\($0)", kind: .int(-10...10, step: 1)) }
                + floats(2, -10...10))
    ) { x in
        let square = x.reduce(0) { $0 + $1 * $1 } / 5
        let cosine = x.reduce(0) { $0 + cos(2 * Double.pi * $1) } / 5
        return [-20 * exp(-0.2 * square.squareRoot()) - exp(cosine) + 20 + M_E]
    }

    /// Of every kind of dimension; least at n = 20, mode b, x = 1, y = 0.5, flag.
    static let mixed = TestFunction(
        name: "mixed",
        space: SearchSpace(dimensions: [
            Dimension(name: "n", kind: .int(0...40, step: 2)),
            Dimension(name: "mode", kind: .choice(["a", "b", "c"])),
            Dimension(name: "x", kind: .float(0.001...10, step: nil, isLogarithmic: true)),
            Dimension(name: "y", kind: .float(0...1, step: 0.05, isLogarithmic: false)),
            Dimension(name: "flag", kind: .bool),
        ])
    ) { x in
        let miss = abs(x[0] - 20) / 20 + abs(x[2] - 1) / (1 + x[2]) + abs(x[3] - 0.5)
        return [miss + (x[1] == 1 ? 0 : 0.5) + (x[4] == 1 ? 0 : 0.3)]
    }

    static func zdt(_ kind: Int) -> TestFunction {
        TestFunction(name: "zdt\(kind)", space: SearchSpace(dimensions: floats(10, 0...1))) { x in
            let g = 1 + 9 * x.dropFirst().reduce(0, +) / 9
            let ratio = x[0] / g
            let h =
                switch kind {
                case 1: 1 - ratio.squareRoot()
                case 2: 1 - ratio * ratio
                default: 1 - ratio.squareRoot() - ratio * sin(10 * Double.pi * x[0])
                }
            return [x[0], g * h]
        }
    }

    /// All trials of a search.
    func search(
        _ sampler: any Sampler, trials: Int, violation: @Sendable (Point) -> Double = { _ in 0 }
    ) -> [Observation] {
        var sampler = sampler
        var all: [Observation] = []
        while all.count < trials {
            let points = sampler.ask(sampler.batch ?? trials)
            guard !points.isEmpty else { break }
            let told = points.enumerated().map { index, point in
                Observation(
                    number: all.count + index, point: point, losses: losses(point.coordinates),
                    violation: violation(point))
            }
            sampler.tell(told)
            all += told
        }
        return Array(all.prefix(trials))
    }
}
