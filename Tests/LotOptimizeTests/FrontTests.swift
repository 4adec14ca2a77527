import LotCore
import Testing

@testable import LotOptimize

/// Fronts, crowding, halving, eigenvectors: values worked out by hand.
@Suite struct FrontTests {
    private func observations(_ losses: [[Double]], violations: [Int: Double] = [:])
        -> [Observation]
    {
        losses.enumerated().map {
            Observation(
                number: $0.offset, point: Point([]), losses: $0.element,
                violation: violations[$0.offset] ?? 0)
        }
    }

    @Test func `a front holds what nothing dominates`() {
        let all = observations(
            [[1, 4], [2, 2], [4, 1], [3, 3], [2, 2], [2, 3], [0, 0], [.nan, 0]],
            violations: [6: 0.5])
        #expect(ParetoFront.of(all) == [0, 1, 4, 2])
        #expect(ParetoFront.of([]) == [])
        #expect(ParetoFront.layers(all) == [[0, 1, 2, 4], [5], [3], [6], [7]])
        let crowding = ParetoFront.crowding([0, 1, 2], all)
        // (2, 2): (4 − 1) / 3 + (4 − 1) / 3.
        #expect(crowding == [.infinity, 2, .infinity])
        #expect(ParetoFront.of(observations([[3], [1], [2], [1]])) == [1, 3])
    }

    @Test func `two quick ways to a front agree with the plain one`() {
        var random = Xoshiro256(seed: 5)
        for targets in [2, 3] {
            let all = observations(
                (0..<200).map { _ in (0..<targets).map { _ in Double(random.below(20)) } })
            let plain = all.indices.filter { a in !all.contains { $0.dominates(all[a]) } }
            #expect(ParetoFront.of(all).sorted() == plain)
            #expect(ParetoFront.layers(all).first == plain)
        }
    }

    @Test func `hypervolume is the area below the reference`() {
        let all = observations([[0, 0.5], [0.5, 0], [2, -1], [0.7, 0.7]])
        #expect(ParetoFront.hypervolume(all, reference: (1, 1)) == 0.75)
    }

    @Test func `halving costs the same in each round`() throws {
        let plan = try SuccessiveHalving(candidates: 81, subject: "--halving")
        #expect(plan.rungs.map(\.candidates) == [81, 27, 9, 3])
        #expect(plan.rungs.map { ($0.share * 27).rounded() } == [1, 3, 9, 27])
        #expect(plan.rungs.last?.share == 1)
        #expect(abs(plan.cost - 12) < 1e-12)
        let few = try SuccessiveHalving(candidates: 2, subject: "--halving")
        #expect(few.rungs == [.init(candidates: 2, share: 1)])
        for (count, reduction, share) in [(0, 3, 0.1), (9, 1, 0.1), (9, 3, 0), (9, 3, 1.5)] {
            let error = #expect(throws: Diagnosis.self) {
                try SuccessiveHalving(
                    candidates: count, reduction: reduction, leastShare: share,
                    subject: "--halving")
            }
            #expect(error?.subject == "--halving")
        }
    }

    @Test func `the best third goes on, and nothing that failed`() throws {
        let plan = try SuccessiveHalving(candidates: 9, leastShare: 1.0 / 9, subject: "--halving")
        let all = observations(
            [[5], [1], [.nan], [2], [9], [3], [0], [7], [8]], violations: [6: 1])
        #expect(plan.promoted(all, after: 0) == [1, 3, 5])
        #expect(plan.promoted(observations([[.nan], [4], [.nan]]), after: 0) == [1])
        #expect(plan.promoted(all, after: 2) == [])
        let two = observations(
            [[1, 4], [2, 2], [4, 1], [3, 3], [5, 5], [6, 6], [7, 7], [8, 8], [9, 9]])
        #expect(plan.promoted(two, after: 0) == [0, 1, 2])
        // Of fewer than were planned the same share goes on, but one at least.
        #expect(plan.promoted(observations([[3], [2], [1], [4], [5], [6]]), after: 0) == [1, 2])
        #expect(plan.promoted(observations([[3], [2]]), after: 0) == [1])
    }

    @Test func `eigenvectors rebuild the matrix`() {
        let matrix: [Double] = [4, 1, 0.5, 1, 3, -1, 0.5, -1, 2]
        let eigen = SymmetricEigen(matrix, size: 3)
        for row in 0..<3 {
            for column in 0..<3 {
                let sum = (0..<3).reduce(0.0) { sum, k in
                    sum + eigen.vectors[row * 3 + k] * eigen.values[k]
                        * eigen.vectors[column * 3 + k]
                }
                #expect(abs(sum - matrix[row * 3 + column]) < 1e-12)
            }
        }
        // Trace and determinant: 9 and 4·(6 − 1) − 1·(2 + 0.5) + 0.5·(−1 − 1.5) = 16.25.
        #expect(abs(eigen.values.reduce(0, +) - 9) < 1e-12)
        #expect(abs(eigen.values.reduce(1, *) - 16.25) < 1e-11)
    }

    @Test func `every number of an order comes once, and decimals stay decimals`() {
        for count in [1, 2, 3, 17, 1_000] {
            let order = Permutation(count: count, seed: 3)
            #expect(Set((0..<count).map { order[$0] }) == Set(0..<count))
        }
        let tenths = SearchSpace(dimensions: [
            Dimension(name: "x", kind: .float(0.1...0.9, step: 0.1, isLogarithmic: false))
        ])
        let texts = (0..<9).map { tenths.text(tenths.gridPoint($0), 0) }
        #expect(texts == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"])
    }
}
