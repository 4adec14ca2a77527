/// The Pareto front of two targets: the trials that no other beats in one without losing in the
/// other.
///
/// - Complexity: O(log front + what falls out of it) for a trial.
struct StudyFront: Sendable {
    /// As losses: the first rising, the second falling.
    private var losses: [(Double, Double)] = []
    private let signs: (Double, Double)

    /// - Parameter isMaximised: Whether larger is better, for each of the two.
    init(isMaximised: (Bool, Bool)) {
        signs = (isMaximised.0 ? -1 : 1, isMaximised.1 ? -1 : 1)
    }

    /// The front, by the first target.
    var points: [(Double, Double)] { losses.map { (signs.0 * $0.0, signs.1 * $0.1) } }

    /// Takes another trial, if both values are numbers.
    mutating func add(_ one: Double, _ other: Double) {
        guard one.isFinite, other.isFinite else { return }
        let (x, y) = (signs.0 * one, signs.1 * other)
        var low = 0
        var high = losses.count
        while low < high {
            let middle = (low + high) / 2
            if losses[middle].0 < x { low = middle + 1 } else { high = middle }
        }
        // Those before `low` are better in the first; the last of them is their best in the second.
        if low > 0, losses[low - 1].1 <= y { return }
        if low < losses.count, losses[low].0 == x, losses[low].1 <= y { return }
        var end = low
        while end < losses.count, losses[end].1 >= y { end += 1 }
        losses.replaceSubrange(low..<end, with: [(x, y)])
    }
}
