/// The last `length` values as distances from an anchor near them, for running sums.
///
/// Sums of distances keep the digits that sums of prices lose. Rounding errors do not grow with
/// the number of bars: ``isStale`` asks for the sums to be added up afresh when the window has
/// just filled, and then after every `max(256, 4 · length)` values, which costs a quarter of an
/// addition a value. Sums of squares or products, of which differences are taken, lose digits with
/// the square of the distance, so the anchor stays near. (``SimpleMovingAverage`` has times of its
/// own.)
///
/// A value that is not finite takes a place with distance 0, and the window is not full again
/// until it has left; then the sums are fresh, so nothing of it remains. What a finite but absurd
/// value (of squares one beyond 1e150) spoils by rounding or overflow is gone with the next fresh
/// sums.
struct AnchoredWindow: Sendable {
    /// Distances are from this value; it moves when the sums are added up afresh.
    private(set) var anchor = 0.0
    let slots: Slots
    private let period: Int
    /// Place of the oldest value, which the next one takes.
    private(set) var next = 0
    private var finite = 0
    /// Values since the sums were last added up afresh.
    private(set) var age = 0

    /// A window of `length` values, at least 1.
    init(length: Int) {
        slots = Slots(count: length, initial: 0)
        period = max(256, 4 * length)
    }

    /// Whether a distance from an anchor leaves the others their digits, all but six.
    @inline(__always)
    static func isPlain(_ distance: Double, _ anchor: Double) -> Bool {
        abs(distance) <= 0x1p20 * max(abs(anchor), 1)
    }

    /// Number of values it holds.
    var length: Int { slots.count }

    /// Whether the last `length` values were all finite.
    @inline(__always)
    var isFull: Bool { finite >= slots.count }

    /// Whether the newest value has filled the window: sums must be added up afresh.
    @inline(__always)
    var hasJustFilled: Bool { finite == slots.count }

    /// Whether the anchor must move, by ``renew()``, and the sums be added up afresh.
    @inline(__always)
    var isStale: Bool { hasJustFilled || age >= period }

    /// Takes `count` finite values at once, as ``push(_:)`` would one by one; the window is full.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - anchor: The anchor after them.
    ///   - copy: Called with a first place, the first of the values and how many of them take the
    ///     places from there on: once or twice, for the last `length` values.
    mutating func keep(
        _ count: Int, anchor: Double, copy: (_ place: Int, _ first: Int, _ count: Int) -> Void
    ) {
        finite &+= count
        age &+= count
        self.anchor = anchor
        let first = max(0, count - length)
        let place = (next + first) % length
        let part = min(count - first, length - place)
        copy(place, first, part)
        if part < count - first { copy(0, first + part, count - first - part) }
        next = (place + count - first) % length
    }

    /// Takes the newest value; returns its distance and the one of the value that leaves.
    @inline(__always)
    mutating func push(_ value: Double) -> (entering: Double, leaving: Double) {
        let isFinite = value.isFinite
        let kept = isFinite ? value : anchor
        finite = isFinite ? finite &+ 1 : 0
        age &+= 1
        let old = slots[next]
        slots[next] = kept
        next &+= 1
        if next == slots.count { next = 0 }
        return (kept - anchor, old - anchor)
    }

    /// Moves the anchor to the newest value.
    @inline(__always)
    mutating func renew() {
        anchor = slots[next == 0 ? slots.count - 1 : next - 1]
        age = 0
    }

    /// The distance of the value at `age` places after the oldest, `0..<length`.
    @inline(__always)
    func distance(_ place: Int) -> Double {
        let index = next + place
        return slots[index < slots.count ? index : index - slots.count] - anchor
    }
}
