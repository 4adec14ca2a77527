import Testing

@testable import LotMath

/// The neighbourhood of the best trial.
struct ParameterStabilityTests {
    @Test func `the example of the documentation`() {
        // Five trials in a row of a grid of five: with a radius of a quarter, two steps are out;
        // so a cross of two dimensions, the best in its middle.
        let coordinates = [0.5, 0.5, 0.25, 0.5, 0.75, 0.5, 0.5, 0.25, 0.5, 0.75, 1, 0.5]
        let losses = [-2.0, -1.9, -1.8, -1.5, -0.8, 9]
        let radius = ParameterStability.radius(steps: 5)
        let found = ParameterStability(
            coordinates: coordinates, losses: losses, best: 0, radii: [radius, radius])
        #expect(found.neighbours == 4)
        #expect(abs(found.meanFall - 0.25) < 1e-12 && abs(found.worstFall - 0.6) < 1e-12)
        #expect(found.keptShare == 0.5 && abs(found.plateau - 0.75) < 1e-12)
    }

    @Test func `a plateau and a spike`() {
        // A grid of 21 × 21, best in the middle.
        func stability(_ loss: (Double, Double) -> Double) -> ParameterStability {
            var (coordinates, losses): ([Double], [Double]) = ([], [])
            for row in 0...20 {
                for column in 0...20 {
                    let (x, y) = (Double(row) / 20, Double(column) / 20)
                    coordinates += [x, y]
                    losses.append(loss(x - 0.5, y - 0.5))
                }
            }
            return ParameterStability(
                coordinates: coordinates, losses: losses, best: 10 * 21 + 10,
                radii: [0.1, 0.1])
        }
        let plateau = stability { x, y in x * x + y * y - 1 }
        // Two steps each way: 25 places less the best; the corner is 0.02 worse.
        #expect(plateau.neighbours == 24 && plateau.keptShare == 1)
        #expect(abs(plateau.worstFall - 0.02) < 1e-12 && plateau.plateau > 0.98)
        let spike = stability { x, y in x == 0 && y == 0 ? -1 : 0.5 }
        #expect(spike.keptShare == 0 && spike.plateau == 0)
        // From 1 to -0.5: one and a half times the target is lost.
        #expect(spike.worstFall == 1.5 && spike.meanFall == 1.5)
    }

    @Test func `failed neighbours lose everything, twins are no neighbours`() {
        let found = ParameterStability(
            coordinates: [0.5, 0.5, 0.55, 0.45], losses: [-1, -1, .nan, -0.9], best: 0,
            radii: [0.1])
        #expect(found.neighbours == 2)
        #expect(abs(found.meanFall - 0.55) < 1e-12 && found.worstFall == 1)
        #expect(found.keptShare == 0.5)
    }

    @Test func `a target to be made small falls as it grows`() {
        // max_drawdown 0.20 at best; 0.25 a step away is a quarter worse.
        let found = ParameterStability(
            coordinates: [0, 0.1], losses: [0.20, 0.25], best: 0, radii: [0.1])
        #expect(abs(found.meanFall - 0.25) < 1e-12)
    }

    @Test func `choices are neighbours of themselves only, and radii follow the steps`() {
        #expect(ParameterStability.radius(steps: 3, isOrdered: false) == 0)
        #expect(ParameterStability.radius(steps: nil) == 0.1)
        #expect(ParameterStability.radius(steps: 6) == 0.2)
        #expect(ParameterStability.radius(steps: 100) == 0.1)
        let found = ParameterStability(
            coordinates: [0, 0, 0, 0.1, 1, 0.1], losses: [-1, -0.5, -0.9], best: 0, radii: [0, 0.1])
        #expect(found.neighbours == 1 && found.meanFall == 0.5)
    }

    @Test func `nobody near, nothing said`() {
        let alone = ParameterStability(
            coordinates: [0, 1], losses: [-1, -0.9], best: 0, radii: [0.1])
        #expect(alone.neighbours == 0 && alone.meanFall.isNaN && alone.plateau.isNaN)
        let zero = ParameterStability(
            coordinates: [0, 0.1], losses: [0, 1], best: 0, radii: [0.1])
        #expect(zero.neighbours == 1 && zero.meanFall.isNaN)
    }
}
