/// How many independent trials a set of similar ones counts for.
///
/// `N̂ = ρ̄ + (1 − ρ̄) · N` with ρ̄ the average correlation between two trials' returns, at least
/// 0: trials that all do the same count for one, trials that have nothing in common for N. The
/// returns are those of the blocks, mean return a day: 16 numbers a trial.
///
/// Worked example: 1,000 crossings of averages with an average correlation of 0.8 count for
/// 0.8 + 0.2 · 1,000 = 200.8 trials. The smaller number gives the milder verdict; the plain count
/// is the safe one. Sixteen blocks say little about one pair, but the average is over all pairs.
///
/// The paper's other way, clusters of trials, needs all pairs; this needs none: with z the
/// trials' returns less their mean and scaled to length 1, the sum of all correlations is |Σ z|².
/// A trial whose blocks do not vary correlates with none.
///
/// - Returns: A number from 1 to the number of trials; 0 for none.
/// - Complexity: O(trials · blocks).
/// - SeeAlso: Bailey and López de Prado, "The Deflated Sharpe Ratio", 2014, appendix A.3,
///   equation 9.
public func effectiveTrials(_ blocks: TrialBlocks) -> Double {
    let count = Double(blocks.count)
    guard blocks.count > 1 else { return count }
    return averageCorrelation(blocks).map { $0 + (1 - $0) * count } ?? count
}

/// The average correlation between the block returns of two different trials, at least 0; `nil`
/// for fewer than two trials.
///
/// - Complexity: O(trials · blocks).
public func averageCorrelation(_ blocks: TrialBlocks) -> Double? {
    let (trials, size) = (blocks.count, blocks.lengths.count)
    guard trials > 1 else { return nil }
    var total = [Double](repeating: 0, count: size)
    var scaled = total
    var varied = 0.0
    for trial in 0..<trials {
        let sums = blocks.row(trial)
        var mean = 0.0
        for block in 0..<size {
            scaled[block] = sums[sums.startIndex + block] / Double(blocks.lengths[block])
            mean += scaled[block] / Double(size)
        }
        var (square, largest) = (0.0, 0.0)
        for block in 0..<size {
            largest = max(largest, abs(scaled[block]))
            scaled[block] -= mean
            square += scaled[block] * scaled[block]
        }
        let length = square.squareRoot()
        // Below this the differences between the blocks are rounding.
        guard length > largest * 1e-12 else { continue }
        varied += 1
        for block in 0..<size { total[block] += scaled[block] / length }
    }
    let sum = total.reduce(0) { $0 + $1 * $1 } - varied
    let pairs = Double(trials) * Double(trials - 1)
    return min(1, max(0, sum / pairs))
}
