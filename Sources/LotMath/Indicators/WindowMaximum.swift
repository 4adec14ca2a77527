/// The largest of the last `length` values, in constant amortised time and without branches.
///
/// The series is cut into blocks of `length`. A window is the end of one block and the start of
/// the next, so its maximum is the larger of two: the maximum of the new block so far, and the
/// suffix maximum of the old block, which is prepared once when a block ends. One buffer holds
/// both: a place of the old block is free as soon as the window has passed it.
///
/// - Complexity: O(1) a value amortised, O(length) where a block ends; memory O(length).
/// - SeeAlso: van Herk, "A fast algorithm for local minimum and maximum filters", Pattern
///   Recognition Letters 13(7), 1992; Gil and Werman, IEEE PAMI 15(5), 1993.
struct WindowMaximum: Sendable {
    private let length: Int
    private let slots: Slots
    private var next = 0
    private var finite = 0
    private var running = -Double.infinity

    /// The maximum of `length` values, at least 1.
    init(length: Int) {
        self.length = length
        // One place more, always −∞: the suffix of the old block after its last place.
        slots = Slots(count: length + 1, initial: -.infinity)
    }

    /// Takes the next value; returns the maximum, NaN until `length` finite values in a row were
    /// seen.
    @inline(__always)
    mutating func step(_ value: Double) -> Double {
        // What is not finite needs no other care: both maxima cover the window only.
        finite = value.isFinite ? finite &+ 1 : 0
        running = value > running ? value : running
        let older = slots[next &+ 1]
        let result = older > running ? older : running
        slots[next] = value
        next &+= 1
        if next == length {
            WindowMaximum.makeSuffixMaxima(slots)
            next = 0
            running = -.infinity
        }
        return finite >= length ? result : .nan
    }

    /// Turns the finished block into its suffix maxima.
    @inline(never)
    private static func makeSuffixMaxima(_ slots: Slots) {
        var largest = -Double.infinity
        for place in stride(from: slots.count - 2, through: 0, by: -1) {
            let value = slots[place]
            largest = value > largest ? value : largest
            slots[place] = largest
        }
    }
}
