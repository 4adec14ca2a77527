/// Memory for a fixed number of doubles, on the heap, at one address: the only unsafe memory of
/// the indicators, read and written without bounds checks in their innermost loops.
///
/// Copies of the struct share the memory: a kernel that holds one may be moved, never forked.
/// That is why kernels are internal, and why a runner puts its local copy back.
///
/// Used by one thread at a time, the one that runs the evaluator, hence `@unchecked Sendable`.
@safe
struct Slots: @unchecked Sendable {
    /// Number of doubles.
    let count: Int
    private let base: UnsafeMutablePointer<Double>
    private let owner: Owner

    /// Allocates `count` doubles (at least 1) of value `initial`.
    init(count: Int, initial: Double) {
        precondition(count >= 1)
        self.count = count
        owner = Owner(count: count, initial: initial)
        unsafe base = owner.base
    }

    /// The double at `index`, which must lie in `0..<count`; checked in debug builds only.
    subscript(index: Int) -> Double {
        @inline(__always)
        get {
            assert(index >= 0 && index < count)
            return unsafe base[index]
        }
        @inline(__always)
        nonmutating set {
            assert(index >= 0 && index < count)
            unsafe base[index] = newValue
        }
    }

    /// Where the double at `index` lies, while this lives.
    @unsafe
    func address(_ index: Int) -> UnsafePointer<Double> {
        assert(index >= 0 && index < count)
        return unsafe UnsafePointer(base + index)
    }

    /// Copies `count` doubles from elsewhere to the places from `index` on.
    @unsafe
    func copy(_ count: Int, from source: UnsafePointer<Double>, to index: Int) {
        assert(index >= 0 && index + count <= self.count)
        unsafe (base + index).update(from: source, count: count)
    }

    @safe
    private final class Owner {
        let base: UnsafeMutablePointer<Double>

        init(count: Int, initial: Double) {
            unsafe base = .allocate(capacity: count)
            unsafe base.initialize(repeating: initial, count: count)
        }

        deinit { unsafe base.deallocate() }
    }
}

/// The last `bars` values, oldest first out.
struct DelayLine: Sendable {
    private let slots: Slots
    private var next = 0

    /// A line that gives `initial` until it has been filled; `bars` at least 1.
    init(bars: Int, initial: Double) {
        slots = Slots(count: bars, initial: initial)
    }

    /// Takes the newest value and returns the one `bars` values ago.
    @inline(__always)
    mutating func push(_ value: Double) -> Double {
        let old = slots[next]
        slots[next] = value
        next &+= 1
        if next == slots.count { next = 0 }
        return old
    }
}
