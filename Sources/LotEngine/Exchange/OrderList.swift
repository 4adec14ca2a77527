/// The orders at work, in the order they were sent: a list that is changed in place.
///
/// An array would ask before each change whether it is shared, and look up its bounds at each
/// access; a fill changes an order a dozen times. Indexes are checked in debug builds and tests.
@safe
struct OrderList: ~Copyable {
    private(set) var count = 0
    private var capacity = 4
    private var base: UnsafeMutablePointer<WorkingOrder>

    /// An empty list.
    init() { unsafe base = .allocate(capacity: capacity) }

    deinit { unsafe base.deallocate() }

    var isEmpty: Bool {
        @inline(__always) get { count == 0 }
    }

    var indices: Range<Int> {
        @inline(__always) get { unsafe Range(uncheckedBounds: (0, count)) }
    }

    /// The order at `index`, which must be in ``indices``.
    subscript(index: Int) -> WorkingOrder {
        // Addresses, not coroutines: those copy the order and allocate their frames wherever the
        // compiler does not take them apart.
        @inline(__always)
        unsafeAddress {
            assert(index >= 0 && index < count)
            return unsafe UnsafePointer(base + index)
        }
        @inline(__always)
        unsafeMutableAddress {
            assert(index >= 0 && index < count)
            return unsafe base + index
        }
    }

    /// Adds an order behind the others.
    ///
    /// - Complexity: O(1) amortised; nothing is allocated for up to four orders.
    @inline(__always)
    mutating func append(_ order: borrowing WorkingOrder) {
        if count == capacity { grow() }
        unsafe (base + count).initialize(to: copy order)
        count &+= 1
    }

    /// Puts an order before the others.
    mutating func prepend(_ order: WorkingOrder) {
        append(order)
        for index in stride(from: count - 1, to: 0, by: -1) { self[index] = self[index - 1] }
        self[0] = order
    }

    /// Takes out the orders from `index` on.
    @inline(__always)
    mutating func removeAll(from index: Int) {
        precondition(index >= 0 && index <= count)
        count = index
    }

    /// Whether an order matches.
    @inline(__always)
    func contains(where matches: (borrowing WorkingOrder) -> Bool) -> Bool {
        for index in indices where matches(self[index]) { return true }
        return false
    }

    /// A copy.
    var array: [WorkingOrder] { indices.map { self[$0] } }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<WorkingOrder>.allocate(capacity: 2 * capacity)
        unsafe larger.moveInitialize(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
        capacity *= 2
    }
}
