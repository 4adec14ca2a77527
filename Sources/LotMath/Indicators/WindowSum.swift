/// Sum of the last `length` values.
///
/// A running sum keeps what each addition rounds off in a second number, so a small window after
/// large values has its digits, and nothing drifts. A window of zeros sums to 0 exactly. A value
/// that is not finite takes a place as 0, and the window is not full again until it has left; then
/// the sum is added up afresh.
///
/// - Complexity: O(1) a value; memory O(length).
/// - SeeAlso: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
///   ZAMM 54, 1974; Knuth, "The Art of Computer Programming" 2, 4.2.2, for the exact error.
struct WindowSum: Sendable {
    private let slots: Slots
    private var next = 0
    private var finite = 0
    private var zeros = 0
    private var sum = 0.0
    private var rest = 0.0

    /// A sum of `length` values, at least 1.
    init(length: Int) { slots = Slots(count: length, initial: 0) }

    /// Takes the next value; returns the sum, NaN until `length` finite values in a row were seen.
    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        let isFinite = value.isFinite
        let kept = isFinite ? value : 0
        finite = isFinite ? finite &+ 1 : 0
        zeros = value == 0 ? zeros &+ 1 : 0
        let old = slots[next]
        slots[next] = kept
        next &+= 1
        if next == slots.count { next = 0 }
        add(kept)
        add(-old)
        if finite == slots.count || !(sum + rest).isFinite {
            (sum, rest) = WindowSum.total(slots)
        }
        guard finite >= slots.count else { return .nan }
        return zeros >= slots.count ? 0 : sum + rest
    }

    /// Adds a value; what the sum rounds off goes to the rest, exactly.
    @inline(__always)
    private mutating func add(_ value: Double) {
        let total = sum + value
        let part = total - sum
        rest += (sum - (total - part)) + (value - part)
        sum = total
    }

    @inline(never)
    private static func total(_ slots: Slots) -> (Double, Double) {
        var fresh = WindowSum(sum: 0, slots)
        for place in 0..<slots.count { fresh.add(slots[place]) }
        return (fresh.sum, fresh.rest)
    }

    private init(sum: Double, _ slots: Slots) {
        self.slots = slots
        self.sum = sum
    }
}
